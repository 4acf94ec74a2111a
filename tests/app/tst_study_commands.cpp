// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include <QTemporaryDir>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/cli/interrupt.h"
#include "app/cli/progress_line.h"
#include "core/base/file.h"
#include "core/study/study_description.h"
#include "tests/app/run_command.h"
#include "tests/core/study/journal_samples.h"
#include "tests/support/test_data.h"

using namespace bitloupe;
using bitloupe::testing::Outcome;
using bitloupe::testing::run;
using nlohmann::json;

namespace {

/// Results of sampleEvaluations(1, 12): accuracy 1 / (number + 3), BOPs all 3.
std::string writeResults(const QString& folder) {
    study::StudyDescription study;
    study.name = "sample";
    study.network.model = "net.onnx";
    study.data.kind = "idx";
    study.data.sources["all"].files["images"] = "images.idx";
    study.data.splits[data::Role::Calibration] = {"all", 0, {}};
    study.data.splits[data::Role::Search] = {"all", 0, {}};
    study.weights = testing::quantizers({"int8"});
    study.activations = testing::quantizers({"int8"});
    study.accelerators = {hardware::Accelerator{}};
    study.objectives = {exploration::QuantityId::Accuracy, exploration::QuantityId::Macs};
    study.folder = folder.toStdString();
    study::JournalHeader header = testing::sampleHeader();
    header.studyYaml = study::writeStudy(study);
    std::string path = (folder + "/results.bitloupe").toStdString();
    auto journal = study::Journal::open(path, header);
    (void)journal.value()->load(testing::sampleSpace());
    std::vector<exploration::Evaluation> evaluations = testing::sampleEvaluations(1, 12);
    evaluations[4].costs.macs = 7;  // the fifth design is the cheapest one
    (void)journal.value()->append(evaluations);
    return path;
}

}  // namespace

class TstStudyCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// Bit by bit in the inputs, LeNet-5's five products on each of four arrays: the fewest cycles
    /// for the widths of each design, counted here from the published formulas.
    void everyDesignOfTheFrontGetsItsArray(const std::string& results, const json& front) {
        const auto outcome =
            run({"accelerate", results, "--rows", "4,8", "--columns", "4,8", "--dataflow", "os",
                 "--accelerator", (m_folder.path() + "/serial.yaml").toStdString(), "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json answer = json::parse(outcome.out).at("front");
        QCOMPARE(answer.size(), front.size());
        constexpr std::array<std::array<int, 3>, 5> kProducts = {
            {{784, 25, 6}, {100, 150, 16}, {1, 400, 120}, {1, 120, 84}, {1, 84, 10}}};
        for (std::size_t design = 0; design < answer.size(); ++design) {
            QVERIFY(answer[design].at("id") == front[design].at("id"));
            std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
            for (const int rows : {4, 8}) {
                for (const int columns : {4, 8}) {
                    std::int64_t cycles = 0;
                    for (std::size_t layer = 0; layer < kProducts.size(); ++layer) {
                        const auto [m, k, n] = kProducts[layer];
                        const std::string format =
                            front[design].at("design").at("layers")[layer].at("activations");
                        const int steps = format == "int4" ? (k + 3) / 4 : (k + 1) / 2;
                        cycles += std::int64_t{(m + rows - 1) / rows} *
                                  ((n + columns - 1) / columns) * (steps + rows + columns - 2);
                    }
                    fewest = std::min(fewest, cycles);
                }
            }
            QCOMPARE(answer[design].at("best").at("cycles").get<std::int64_t>(), fewest);
        }
    }

private Q_SLOTS:
    void frontHasTheDesignsThatNoOtherBeats() {
        const std::string path = writeResults(m_folder.path());
        const Outcome outcome = run({"front", path, "--json"});
        QVERIFY2(outcome.status == 0, outcome.err.c_str());
        const json front = json::parse(outcome.out);
        // The first has the best accuracy; the fifth costs least; all others are beaten by the
        // first in both.
        QCOMPARE(front.size(), 2U);
        QCOMPARE(front[0].at("id").get<int>(), 5);
        QCOMPARE(front[1].at("id").get<int>(), 1);
        QCOMPARE(front[0].at("objectives").at("macs").get<double>(), 7.0);
        QCOMPARE(front[1].at("objectives").at("accuracy").get<double>(), 0.25);
        QCOMPARE(front[1].at("interval").at("accuracy")[0].get<double>(), 0.1);
        const json& design = front[1].at("design");
        QCOMPARE(design.at("layers")[0].at("weights").get<std::string>(),
                 std::string("int4@channel/minmax"));
        QCOMPARE(design.at("layers")[0].at("activations").get<std::string>(), std::string("float"));
        QCOMPARE(design.at("accelerator").at("rows").get<int>(), 8);
    }

    void frontAsTableAndAsCsv() {
        const std::string path = writeResults(m_folder.path() + "/csv");
        QVERIFY(run({"front", path}).out.find("int4@channel/minmax/float") != std::string::npos);
        const std::string csv = run({"front", path, "--csv"}).out;
        QVERIFY(
            csv.starts_with("id,accuracy,macs,accuracy_low,accuracy_high,array,conv1 weights,"
                            "conv1 activations,\"fc, last weights\""));
        QVERIFY(csv.find("\n1,0.25,") != std::string::npos);
    }

    void showTellsEveryLayer() {
        const std::string path = writeResults(m_folder.path() + "/show");
        const json shown = json::parse(run({"show", path, "5", "--json"}).out);
        QCOMPARE(shown.at("id").get<int>(), 5);
        QCOMPARE(shown.at("layers").size(), 2U);
        QCOMPARE(shown.at("layers")[1].at("name").get<std::string>(), std::string("fc, last"));
        QCOMPARE(shown.at("layers")[1].at("weights").get<std::string>(), std::string("int3"));
        QCOMPARE(shown.at("quantities").at("weight_bits").get<double>(), 17.25);
        QVERIFY(run({"show", path, "5"}).out.find("fc, last") != std::string::npos);
        const Outcome missing = run({"show", path, "99"});
        QCOMPARE(missing.status, 2);
        QVERIFY(missing.err.find("1 to 12") != std::string::npos);
    }

    void whatIsNotThereIsNamed() {
        QCOMPARE(run({"front", "nowhere.bitloupe"}).status, 2);
        const Outcome study = run({"explore", "nowhere.yaml"});
        QCOMPARE(study.status, 2);
        QVERIFY(study.err.find("nowhere.yaml") != std::string::npos);
        QCOMPARE(study.err.find('\n'), study.err.size() - 1);
        QCOMPARE(run({"explore", "nowhere.yaml", "--strategy", "magic"}).status, 2);
        QCOMPARE(run({"sensitivity", "no.onnx", "--data", "no", "--formats", "int99"}).status, 2);
        QCOMPARE(run({"sensitivity", "no.onnx", "--data", "no", "--formats", "int8"}).status, 2);
    }

    void progressTellsCountRateAndRemainingTime() {
        QCOMPARE(cli::progressText({.phase = exploration::Phase::Search,
                                    .done = 120,
                                    .total = 1000,
                                    .perSecond = 35.2,
                                    .secondsLeft = 24.2}),
                 std::string("search 120 of 1000, 35.2 a second, about 25 s left"));
        QCOMPARE(cli::progressText({.total = 1}), std::string("float network 0 of 1"));
        QVERIFY(cli::progressText({.secondsLeft = 3600 * 5}).find("5 h left") != std::string::npos);
    }

    void theFirstInterruptAsksForAStop() {
        std::atomic<int> calls = 0;
        {
            const cli::InterruptGuard guard([&calls] {
                ++calls;
                calls.notify_all();
            });
            QVERIFY(!cli::InterruptGuard::wasInterrupted());
            std::raise(SIGINT);
            calls.wait(0);
        }
        QCOMPARE(calls.load(), 1);
        QVERIFY(cli::InterruptGuard::wasInterrupted());
    }

    void exploresARealNetworkAndGoesOn() {
        BITLOUPE_REAL_FILE(model, "models/derived/lenet5_mnist/lenet5_mnist_opset13.onnx");
        const std::string data = testing::testDataFolder() + "/data/mnist/";
        const std::string path = (m_folder.path() + "/lenet.yaml").toStdString();
        const std::string yaml =
            "name: lenet\nnetwork: " + model +
            "\ndata:\n  kind: idx\n  scaling: divide\n  divisor: 255\n  sources:\n    test:\n"
            "      images: " +
            data +
            "t10k-images-idx3-ubyte.gz\n"
            "      labels: " +
            data +
            "t10k-labels-idx1-ubyte.gz\n"
            "  splits:\n    calibration: {source: test, first: 0, count: 64}\n"
            "    search: {source: test, first: 64, count: 256}\n"
            "weights: [int8, int2]\nactivations: [int8, int4]\n"
            "accelerator: {rows: [8], columns: [8], dataflow: [os]}\n"
            "objectives: [accuracy, bops]\nstrategy: {name: random, seed: 3}\n"
            "sensitivity: false\nevaluations: 4\n";
        QVERIFY(writeFileAtomically(path, yaml).hasValue());
        const Outcome first = run({"explore", path, "--json", "--threads", "1"});
        QVERIFY2(first.status == 0, first.err.c_str());
        QCOMPARE(json::parse(first.out).at("evaluations").get<int>(), 4);
        QVERIFY(first.err.find("search") != std::string::npos);
        const Outcome second =
            run({"explore", path, "--json", "--quiet", "--threads", "1", "--evaluations", "6"});
        const json document = json::parse(second.out);
        QCOMPARE(document.at("evaluations").get<int>(), 6);
        QVERIFY(document.at("hypervolume").get<double>() > 0);
        QVERIFY(second.err.find("search") == std::string::npos);
        // Beside the study, and what it says is what explore said.
        const std::string results = (m_folder.path() + "/lenet.bitloupe").toStdString();
        QVERIFY(writeFileAtomically((m_folder.path() + "/serial.yaml").toStdString(),
                                    "rows: 4\ncolumns: 4\ndataflow: os\nelement: serial-inputs\n")
                    .hasValue());
        const json front = json::parse(run({"front", results, "--json"}).out);
        QVERIFY(front == document.at("front"));
        everyDesignOfTheFrontGetsItsArray(results, front);
    }
};

QTEST_APPLESS_MAIN(TstStudyCommands)
#include "tst_study_commands.moc"
