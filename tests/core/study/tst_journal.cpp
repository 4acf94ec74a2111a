// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <QElapsedTimer>
#include <QProcess>
#include <QtTest/QTest>

#include <cmath>
#include <limits>

#include "tests/core/data/files.h"
#include "tests/core/study/journal_samples.h"

using namespace bitloupe;
using namespace bitloupe::testing;
using study::Journal;

namespace {

void compare(const exploration::Evaluation& actual, const exploration::Evaluation& expected) {
    QVERIFY(actual.design == expected.design);
    QCOMPARE(actual.measured.correct, expected.measured.correct);
    // Bit for bit, which QCOMPARE of doubles would not ask for.
    QVERIFY(actual.measured.metric == expected.measured.metric);
    QVERIFY(actual.measured.kl == expected.measured.kl);
    QVERIFY(actual.measured.interval.high == expected.measured.interval.high);
    QVERIFY(actual.measured.outputMse == expected.measured.outputMse);
    QVERIFY(actual.costs.macs == expected.costs.macs);
    QVERIFY(actual.costs.weightBits == expected.costs.weightBits);
    QVERIFY(actual.costs.utilization == expected.costs.utilization);
    QVERIFY(actual.costs.conversions == expected.costs.conversions);
    QCOMPARE(actual.origin, expected.origin);
}

void sql(const std::string& path, const char* statements) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    const int code = sqlite3_exec(database, statements, nullptr, nullptr, nullptr);
    sqlite3_close(database);
    QCOMPARE(code, SQLITE_OK);
}

}  // namespace

class TstJournal : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsEverything() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        const exploration::Measurement reference = sampleEvaluation(99).measured;
        exploration::SensitivityCell cell{.layer = 1,
                                          .side = exploration::Side::Activations,
                                          .quantizer = quantizers({"int5"}).front(),
                                          .measured = sampleEvaluation(5).measured,
                                          .sqnrDb = std::numeric_limits<double>::quiet_NaN()};
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            TAKE_RESULT(empty, journal->load(sampleSpace()));
            QVERIFY(empty.evaluations.empty() && !empty.reference.has_value());
            auto batch = sampleEvaluations(0, 12);
            QVERIFY(journal->append(batch).hasValue());
            QCOMPARE(batch.front().id, 1);
            QCOMPARE(batch.back().id, 12);
            batch = sampleEvaluations(12, 1);
            QVERIFY(journal->append(batch).hasValue());
            QCOMPARE(batch.front().id, 13);
            QVERIFY(journal->setReference(reference).hasValue());
            QVERIFY(journal->appendSensitivity(std::span(&cell, 1)).hasValue());
        }
        TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
        TAKE_RESULT(known, journal->load(sampleSpace()));
        QCOMPARE(known.evaluations.size(), 13U);
        for (int i = 0; i < 13; ++i) {
            QCOMPARE(known.evaluations[static_cast<std::size_t>(i)].id, i + 1);
            compare(known.evaluations[static_cast<std::size_t>(i)], sampleEvaluation(i));
        }
        QVERIFY(known.reference.has_value() && known.reference->metric == reference.metric);
        QCOMPARE(known.sensitivity.size(), 1U);
        QCOMPARE(known.sensitivity[0].layer, 1U);
        QVERIFY(known.sensitivity[0].side == exploration::Side::Activations);
        QVERIFY(known.sensitivity[0].quantizer == cell.quantizer);
        QVERIFY(std::isnan(known.sensitivity[0].sqnrDb));
        TAKE_RESULT(header, journal->header());
        QCOMPARE(header.studyYaml, sampleHeader().studyYaml);
    }

    void tunedDesignsKeepTheirParent() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            auto batch = sampleEvaluations(1, 2);
            batch[1].parent = 1;
            batch[1].weights = "r.finetuned-1.safetensors";
            QVERIFY(journal->append(batch).hasValue());
        }
        TAKE_RESULT(reader, Journal::openReadOnly(path));
        TAKE_RESULT(known, reader->load(sampleSpace()));
        QCOMPARE(known.evaluations[0].parent, std::int64_t{0});
        QCOMPARE(known.evaluations[1].parent, std::int64_t{1});
        QCOMPARE(known.evaluations[1].weights, std::string("r.finetuned-1.safetensors"));
    }

    void keepsWhichDesignsWereStoppedAndWhichSamplesWereRight() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        exploration::SampleHits hits(100'003);
        for (const std::size_t sample : {0U, 7U, 8U, 65'000U, 100'002U}) {
            hits.set(sample);
        }
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            auto batch = sampleEvaluations(0, 3);
            batch[1].measured.stoppedEarly = true;
            batch[2].measured.hits = std::make_shared<const exploration::SampleHits>(hits);
            QVERIFY(journal->append(batch).hasValue());
        }
        TAKE_RESULT(reader, Journal::openReadOnly(path));
        TAKE_RESULT(known, reader->load(sampleSpace()));
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(known.evaluations[i].measured.stoppedEarly, i == 1);
            QCOMPARE(known.evaluations[i].measured.hits != nullptr, i == 2);
        }
        QVERIFY(known.evaluations[2].measured.hits->bytes() == hits.bytes());
        QVERIFY(known.evaluations[2].measured.hits->at(65'000));
        QVERIFY(!known.evaluations[2].measured.hits->at(65'001));
    }

    void keepsTheOtherMapsOfSensitivity() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        const std::vector<exploration::LeaveOneInFloatCell> left = {
            {.side = exploration::Side::Weights,
             .quantizer = quantizers({"int2"}).front(),
             .measured = sampleEvaluation(3).measured},
            {.layer = 1,
             .side = exploration::Side::Activations,
             .quantizer = quantizers({"int5"}).front(),
             .measured = sampleEvaluation(4).measured}};
        std::vector<exploration::ChannelCell> channels(2);
        channels[0].probe.channels = {.layer = 0, .first = 2, .count = 3};
        channels[0].probe.quantizer = quantizers({"posit<8,1>"}).front();
        channels[0].measured = sampleEvaluation(6).measured;
        channels[0].sqnrDb = 1.0 / 7;
        channels[1].probe.channels = {
            .layer = 1, .side = exploration::Side::Activations, .first = 5};
        channels[1].probe.quantizer = quantizers({"int5"}).front();
        channels[1].measured = sampleEvaluation(7).measured;
        channels[1].sqnrDb = std::numeric_limits<double>::infinity();
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            QVERIFY(journal->appendLeaveOneInFloat(left).hasValue());
            QVERIFY(journal->appendChannels(channels).hasValue());
            QVERIFY(journal->appendChannels(channels).hasValue());  // once each all the same
        }
        TAKE_RESULT(reader, Journal::openReadOnly(path));
        TAKE_RESULT(known, reader->load(sampleSpace()));
        QCOMPARE(known.leaveOneInFloat.size(), left.size());
        for (std::size_t i = 0; i < left.size(); ++i) {
            QVERIFY(known.leaveOneInFloat[i].layer == left[i].layer);
            QVERIFY(known.leaveOneInFloat[i].side == left[i].side);
            QVERIFY(known.leaveOneInFloat[i].quantizer == left[i].quantizer);
            QVERIFY(known.leaveOneInFloat[i].measured.metric == left[i].measured.metric);
        }
        QCOMPARE(known.channels.size(), channels.size());
        for (std::size_t i = 0; i < channels.size(); ++i) {
            QVERIFY(known.channels[i].probe == channels[i].probe);
            QVERIFY(known.channels[i].measured.kl == channels[i].measured.kl);
            QVERIFY(known.channels[i].sqnrDb == channels[i].sqnrDb);
        }
    }

    void journalsOfTheFirstFormAreReadAndCarriedOver() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            auto batch = sampleEvaluations(1, 3);
            QVERIFY(journal->append(batch).hasValue());
        }
        sql(path,
            "DROP TABLE tuned; DROP TABLE leave_one_in_float; DROP TABLE channel_sensitivity;"
            "DROP TABLE stopped_early; DROP TABLE hits; DROP TABLE test_results;"
            "PRAGMA user_version = 1");
        {
            TAKE_RESULT(reader, Journal::openReadOnly(path));
            TAKE_RESULT(known, reader->load(sampleSpace()));
            QCOMPARE(known.evaluations.size(), std::size_t{3});
        }
        TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
        QVERIFY(journal->load(sampleSpace()).hasValue());
        auto tuned = sampleEvaluations(4, 1);
        tuned[0].parent = 2;
        QVERIFY(journal->append(tuned).hasValue());
        TAKE_RESULT(known, journal->load(sampleSpace()));
        QCOMPARE(known.evaluations.back().parent, std::int64_t{2});
        exploration::ChannelCell cell;
        cell.probe.quantizer = quantizers({"int2"}).front();
        QVERIFY(journal->appendChannels(std::span(&cell, 1)).hasValue());
        TAKE_RESULT(later, journal->load(sampleSpace()));
        QCOMPARE(later.channels.size(), std::size_t{1});
    }

    void readersNeedNoStudy() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        TAKE_RESULT(writer, Journal::open(path, sampleHeader()));
        TAKE_RESULT(none, writer->load(sampleSpace()));
        Q_UNUSED(none);
        auto batch = sampleEvaluations(0, 12);
        QVERIFY(writer->append(batch).hasValue());
        // While the writer is still there.
        TAKE_RESULT(reader, Journal::openReadOnly(path));
        TAKE_RESULT(space, reader->spaceOfDesigns());
        QCOMPARE(space.layers().size(), 2U);
        QCOMPARE(space.layers()[1].layer, std::string("fc, last"));
        QVERIFY(space.layers()[0].activations.empty());
        QCOMPARE(space.accelerators().size(), 2U);
        TAKE_RESULT(known, reader->load(space));
        QCOMPARE(known.evaluations.size(), 12U);
        for (std::size_t i = 0; i < known.evaluations.size(); ++i) {
            const exploration::Design expected = sampleEvaluation(static_cast<int>(i)).design;
            QVERIFY(space.assignment(known.evaluations[i].design) ==
                    sampleSpace().assignment(expected));
            QVERIFY(space.accelerator(known.evaluations[i].design) ==
                    sampleSpace().accelerator(expected));
        }
        QVERIFY(writer->append(batch).hasValue());
        TAKE_RESULT(later, reader->load(space));
        QCOMPARE(later.evaluations.size(), 24U);
        VERIFY_FAILS(reader->append(batch), "opened for reading only");
    }

    void shorterListsLeaveResultsInTheFile() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
        QVERIFY(journal->load(sampleSpace()).hasValue());
        auto batch = sampleEvaluations(0, 12);
        QVERIFY(journal->append(batch).hasValue());
        exploration::DesignSpace full = sampleSpace();
        std::vector<exploration::LayerChoices> layers = full.layers();
        layers[0].weights.erase(layers[0].weights.begin());  // without int2: 4 of the 12 had it
        const exploration::DesignSpace shorter(layers, full.accelerators());
        TAKE_RESULT(known, journal->load(shorter));
        QCOMPARE(known.evaluations.size(), 8U);
        QCOMPARE(known.evaluations.front().id, 2);
        TAKE_RESULT(again, journal->load(full));
        QCOMPARE(again.evaluations.size(), 12U);
    }

    void refusals() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        auto batch = sampleEvaluations(0, 1);
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            VERIFY_FAILS(journal->append(batch), "before the known ones were loaded");
            VERIFY_FAILS(Journal::open(path, sampleHeader()), "another program is writing");
        }
        study::JournalHeader other = sampleHeader();
        other.networkHash = "9999999999999999";
        VERIFY_FAILS(
            Journal::open(path, other),
            "another network (0123456789ab, now 999999999999): " + QString::fromStdString(path));
        other = sampleHeader();
        other.dataHash = "8888888888888888";
        VERIFY_FAILS(Journal::open(path, other), "another data set");
        VERIFY_FAILS(Journal::open(files.write("t.txt", std::string(5000, 'x')), sampleHeader()),
                     "not a file of results");
        VERIFY_FAILS(Journal::openReadOnly(files.write("t.txt", "text")), "not a file of results");
        VERIFY_FAILS(Journal::openReadOnly(files.write("empty", "")), "not a file of results");
        VERIFY_FAILS(Journal::openReadOnly(files.path("none")), "there is no such file");
        VERIFY_FAILS(Journal::open(files.folder(), sampleHeader()), "this is a folder");
        sql(files.path("foreign.db"), "CREATE TABLE t (x)");
        VERIFY_FAILS(Journal::open(files.path("foreign.db"), sampleHeader()),
                     "not a file of results");
        sql(path, "PRAGMA user_version = 5");
        VERIFY_FAILS(Journal::open(path, sampleHeader()), "comes from a newer program");
        VERIFY_FAILS(Journal::openReadOnly(path), "comes from a newer program");
    }

    void damagedFilesAreNamed() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        {
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            auto batch = sampleEvaluations(0, 500);
            QVERIFY(journal->append(batch).hasValue());
        }
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.size() > 20'000);
        for (qint64 page = 4096 * 2; page < file.size(); page += 4096) {
            QVERIFY(file.seek(page) && file.write(QByteArray(200, '\xaa')) == 200);
        }
        file.close();
        TAKE_RESULT(reader, Journal::openReadOnly(path));
        VERIFY_FAILS(reader->load(sampleSpace()), QString::fromStdString(path));
        sql(files.path("short.db"),
            "PRAGMA application_id = 0x62746c70; PRAGMA user_version = 1;"
            "CREATE TABLE x (y)");
        TAKE_RESULT(hollow, Journal::openReadOnly(files.path("short.db")));
        VERIFY_FAILS(hollow->header(), "cannot be used");
        VERIFY_FAILS(hollow->spaceOfDesigns(), "cannot be used");
    }

    void journalsInReadOnlyFoldersCanBeRead() {
        const Files files;
        QVERIFY(QDir(QString::fromStdString(files.folder())).mkpath("locked?#%"));
        const std::string folder = files.path("locked?#%");
        {
            TAKE_RESULT(journal, Journal::open(folder + "/r", sampleHeader()));
            QVERIFY(journal->load(sampleSpace()).hasValue());
            auto batch = sampleEvaluations(0, 3);
            QVERIFY(journal->append(batch).hasValue());
        }
        const QString name = QString::fromStdString(folder);
        QFile::setPermissions(name, QFile::ReadOwner | QFile::ExeOwner);
        auto reader = Journal::openReadOnly(folder + "/r");
        QVERIFY2(reader.hasValue(), reader.hasError() ? reader.error().sentence().c_str() : "");
        const auto known = reader.value()->load(sampleSpace());
        QFile::setPermissions(name, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QVERIFY2(known.hasValue(), known.hasError() ? known.error().sentence().c_str() : "");
        QCOMPARE(known.value().evaluations.size(), 3U);
    }

    // The promise: whatever append() returned for is still there after kill -9 at any moment.
    void nothingReportedIsLostWhenTheWriterIsKilled() {
        const Files files;
        const std::string path = files.path("r.bitloupe");
        std::int64_t reported = 0;
        for (int round = 0; round < 10; ++round) {
            QProcess writer;
            writer.start(QString::fromLatin1(BITLOUPE_JOURNAL_WRITER),
                         {QString::fromStdString(path)});
            QVERIFY(writer.waitForStarted());
            QElapsedTimer time;
            time.start();
            const int wanted = 1 + round * 37 % 90;  // milliseconds after the first report
            std::int64_t before = reported;
            while (reported == before || time.elapsed() < wanted) {
                QVERIFY2(writer.waitForReadyRead(10'000), writer.readAllStandardError());
                if (reported == before) {
                    time.restart();
                }
                while (writer.canReadLine()) {
                    const std::int64_t id = writer.readLine().trimmed().toLongLong();
                    QCOMPARE(id, reported + 1);
                    reported = id;
                }
            }
            writer.kill();
            QVERIFY(writer.waitForFinished());
            while (writer.canReadLine()) {  // what it said before it died counts too
                reported = writer.readLine().trimmed().toLongLong();
            }
            TAKE_RESULT(journal, Journal::open(path, sampleHeader()));
            TAKE_RESULT(known, journal->load(sampleSpace()));
            QVERIFY(static_cast<std::int64_t>(known.evaluations.size()) >= reported);
            for (std::size_t i = 0; i < known.evaluations.size(); ++i) {
                QCOMPARE(known.evaluations[i].id, static_cast<std::int64_t>(i) + 1);
                compare(known.evaluations[i], sampleEvaluation(static_cast<int>(i)));
            }
            // A batch is one transaction: the next writer goes on from a whole batch.
            reported = static_cast<std::int64_t>(known.evaluations.size());
        }
        QVERIFY(reported > 10);
    }
};

QTEST_GUILESS_MAIN(TstJournal)
#include "tst_journal.moc"
