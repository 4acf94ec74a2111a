// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest/QTest>

#include <array>
#include <chrono>
#include <csignal>

#include "core/base/random.h"
#include "core/exploration/population_evaluator.h"
#include "core/exploration/race_samples.h"
#include "tests/core/data/files.h"
#include "tests/core/exploration/dense_study.h"
#include "tests/core/exploration/fakes.h"
#include "tests/core/study/journal_samples.h"

using namespace bitloupe;
using namespace bitloupe::exploration;
using namespace bitloupe::exploration::testing;
using bitloupe::testing::Files;
using bitloupe::testing::sampleHeader;

namespace {

constexpr int kKills = 20;

/// Everything that a run writes: maps, a search with early stopping, two arrays.
ExplorationPlan planOf(const std::string& strategy) {
    ExplorationPlan plan;
    plan.layers = denseNetwork()->layers;
    plan.space = uniformSpace(plan.layers, {"int8", "int6", "int5", "int4", "int3", "int2"},
                              {"int8", "int6", "int4"},
                              {{.rows = 8, .columns = 8}, {.rows = 16, .columns = 4}});
    plan.objectives = {QuantityId::Accuracy, QuantityId::Cycles, QuantityId::WeightBits};
    plan.strategy = {.name = strategy, .seed = 11};
    plan.leaveOneInFloat = true;
    plan.channelMaps = {{.layer = 2, .group = 2}};
    plan.maxEvaluations = 700;
    plan.earlyStopping = 0.99;
    return plan;
}

/// A byte into a pipe whenever something was kept.
class TellingSink : public ExplorationSink {
public:
    explicit TellingSink(int pipe) : m_pipe(pipe) {}
    void referenceMeasured(const Measurement&) override { tell(); }
    void sensitivityMeasured(const std::vector<SensitivityCell>&) override { tell(); }
    void leaveOneInFloatMeasured(const std::vector<LeaveOneInFloatCell>&) override { tell(); }
    void channelsMeasured(const std::vector<ChannelCell>&) override { tell(); }
    void evaluationsFinished(const std::vector<Evaluation>&) override { tell(); }
    void progressed(const Progress&) override {}
    void ended(JobOutcome outcome, const Error&) override {
        finished = outcome == JobOutcome::Finished;
    }

    bool finished = false;

private:
    void tell() const { [[maybe_unused]] const auto written = ::write(m_pipe, "k", 1); }
    int m_pipe;
};

/// Runs or resumes the study; what a process that may be killed does. Status 0: to its end.
int runStudy(const std::string& path, const std::string& strategy, int threads, int pipe) {
    const ExplorationPlan plan = planOf(strategy);
    auto journal = study::Journal::open(path, sampleHeader());
    if (journal.hasError()) {
        return 2;
    }
    auto known = journal.value()->load(plan.space);
    auto evaluator =
        makePopulationEvaluator(denseNetwork(), sortedSamples(64), sortedSamples(800), threads);
    if (known.hasError() || evaluator.hasError()) {
        return 3;
    }
    TellingSink sink(pipe);
    Explorer explorer(plan, std::move(known).value(), *evaluator.value(), *journal.value(), sink);
    explorer.start();
    explorer.wait();
    return sink.finished ? 0 : 1;
}

/// A process of its own that runs the study: a fork, so that nothing is loaded anew.
class Child {
public:
    Child(const std::string& path, const std::string& strategy, int threads) {
        if (::pipe(m_pipe.data()) != 0) {
            qFatal("no pipe");
        }
        m_process = ::fork();
        if (m_process == 0) {
            ::close(m_pipe[0]);
            ::_exit(runStudy(path, strategy, threads, m_pipe[1]));
        }
        ::close(m_pipe[1]);
    }
    ~Child() { ::close(m_pipe[0]); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// False when the child ended first.
    bool waitForReports(int count) const {
        char byte = 0;
        for (int i = 0; i < count; ++i) {
            if (::read(m_pipe[0], &byte, 1) != 1) {
                return false;
            }
        }
        return true;
    }
    void kill() const { ::kill(m_process, SIGKILL); }
    /// The exit status; -1 when it was killed.
    [[nodiscard]] int wait() const {
        int status = 0;
        ::waitpid(m_process, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    std::array<int, 2> m_pipe = {-1, -1};
    pid_t m_process = -1;
};

/// Every row as SQL writes it, which keeps every bit of a number.
std::vector<std::string> rows(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_stmt* statement = nullptr;
    std::vector<std::string> found;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK) {
        while (sqlite3_step(statement) == SQLITE_ROW) {
            std::string row;
            for (int column = 0; column < sqlite3_column_count(statement); ++column) {
                row += reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
                row += ' ';
            }
            found.push_back(std::move(row));
        }
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return found;
}

std::string quoted(const QStringList& columns) {
    return "quote(" + columns.join("), quote(").toStdString() + ")";
}

/// All that a journal says but for how long things took, in the order it was written.
std::vector<std::vector<std::string>> contents(const std::string& path) {
    const QStringList measured = {"metric",  "low", "high",      "correct",
                                  "samples", "kl",  "output_mse"};
    const QStringList cell = QStringList{"layer", "side", "quantizer"} + measured;
    return {
        rows(path, "SELECT " +
                       quoted(QStringList{"id", "schemes", "array", "origin", "macs", "bops",
                                          "weight_bits", "cycles", "utilization"} +
                              measured) +
                       " FROM evaluations ORDER BY id"),
        rows(path, "SELECT quote(id), quote(bits) FROM hits ORDER BY id"),
        rows(path, "SELECT quote(id) FROM stopped_early ORDER BY id"),
        rows(path, "SELECT " + quoted(measured) + " FROM reference"),
        rows(path, "SELECT " + quoted(cell + QStringList{"sqnr_db"}) +
                       " FROM sensitivity ORDER BY rowid"),
        rows(path, "SELECT " + quoted(cell) + " FROM leave_one_in_float ORDER BY rowid"),
        rows(path, "SELECT " + quoted(cell + QStringList{"first_channel", "channels", "sqnr_db"}) +
                       " FROM channel_sensitivity ORDER BY rowid")};
}

void compareJournals(const std::string& actual, const std::string& expected) {
    const auto found = contents(actual);
    const auto wanted = contents(expected);
    for (std::size_t table = 0; table < wanted.size(); ++table) {
        QVERIFY2(!wanted[table].empty(), std::to_string(table).c_str());
        QCOMPARE(found[table].size(), wanted[table].size());
        for (std::size_t row = 0; row < wanted[table].size(); ++row) {
            QCOMPARE(found[table][row], wanted[table][row]);
        }
    }
}

}  // namespace

class TstKilledRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunThatWasKilledTwentyTimesEndsLikeOneThatWasNot_data() {
        QTest::addColumn<QString>("strategy");
        QTest::newRow("portfolio") << "portfolio";
        QTest::newRow("nsga2") << "nsga2";
    }

    void aRunThatWasKilledTwentyTimesEndsLikeOneThatWasNot() {
        QFETCH(QString, strategy);
        const Files files;
        const std::string whole = files.path("whole.bitloupe");
        const std::string killed = files.path("killed.bitloupe");
        const std::string name = strategy.toStdString();
        QCOMPARE(Child(whole, name, 1).wait(), 0);

        Random random(2024);
        constexpr std::array kThreads = {1, 2, 8};
        for (int kill = 0; kill < kKills; ++kill) {
            const Child child(killed, name, kThreads.at(random.below(kThreads.size())));
            // Somewhere behind the first to fifth thing kept: between two, or in the midst of one.
            QVERIFY2(child.waitForReports(1 + static_cast<int>(random.below(5))),
                     "the run ended before it was killed often enough");
            const auto until =
                std::chrono::steady_clock::now() + std::chrono::microseconds(random.below(4000));
            while (std::chrono::steady_clock::now() < until) {
            }
            child.kill();
            QCOMPARE(child.wait(), -1);
        }
        QCOMPARE(Child(killed, name, 2).wait(), 0);
        compareJournals(killed, whole);
    }

    void threadsDoNotChangeTheJournal() {
        const Files files;
        QCOMPARE(Child(files.path("1"), "portfolio", 1).wait(), 0);
        for (const int threads : {2, 8}) {
            const std::string path = files.path(std::to_string(threads));
            QCOMPARE(Child(path, "portfolio", threads).wait(), 0);
            compareJournals(path, files.path("1"));
        }
    }
};

QTEST_GUILESS_MAIN(TstKilledRun)
#include "tst_killed_run.moc"
