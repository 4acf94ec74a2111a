// SPDX-License-Identifier: Apache-2.0
#include <QDir>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/qt_warnings.h"
#include "ui/bridge/file_kinds.h"
#include "ui/bridge/study_document.h"
#include "ui/bridge/study_paths.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

namespace {

exploration::Evaluation evaluation(std::int64_t id, double accuracy, double bops) {
    exploration::Evaluation made;
    made.id = id;
    made.measured.metric = accuracy;
    made.costs.bops = bops;
    return made;
}

}  // namespace

/// The way from an exploration's threads to the window, and the study in the window.
class TstBridge : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<StudyDocument> m_document;

    void openSmallStudy() {
        QSignalSpy opened(m_document.get(), &StudyDocument::opened);
        m_document->openStudy(QDir::tempPath() + QStringLiteral("/good.yaml"));
        QVERIFY(opened.wait());
    }
    ExplorationBridge& bridge() { return m_document->bridge(); }
    std::size_t count() { return bridge().snapshot()->evaluations.size(); }

private Q_SLOTS:
    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        collectQtWarnings();
    }

    void init() {
        m_world = std::make_shared<FakeWorld>();
        m_document = std::make_unique<StudyDocument>(fakeBackend(m_world));
    }

    void cleanup() {
        m_world->evaluator->gated = false;
        m_document.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void aLogKeepsItsOldCopies() {
        EvaluationLog log;
        EvaluationLog before;
        for (std::int64_t id = 1; id <= 5000; ++id) {
            const exploration::Evaluation next = evaluation(id * 2, 0.5, static_cast<double>(id));
            if (id == 1500) {
                before = log;
            }
            log.append({&next, 1});
        }
        QCOMPARE(before.size(), std::size_t{1499});
        QCOMPARE(log.size(), std::size_t{5000});
        for (std::size_t i = 0; i < log.size(); ++i) {
            QCOMPARE(log[i].id, static_cast<std::int64_t>(i + 1) * 2);
        }
        QCOMPARE(log.find(3000).value(), std::size_t{1499});
        QVERIFY(!log.find(3001));
        QVERIFY(!log.find(0));
        QVERIFY(!log.find(10002));
        QVERIFY(!before.find(3000));
    }

    void openingShowsProgressThenEverythingAtOnce() {
        QStringList sentences;
        connect(m_document.get(), &StudyDocument::busyChanged, this,
                [&](const QString& sentence) { sentences << sentence; });
        openSmallStudy();
        QVERIFY(sentences.contains(QStringLiteral("Reading the network …")));
        QVERIFY(m_document->busyWith().isEmpty());
        QCOMPARE(m_document->network()->layers.size(), std::size_t{5});
        // 5 layers, 4 weight and 3 activation formats each, 3 arrays
        QCOMPARE(m_document->space()->size(), std::pow(12.0, 5) * 3);
        QVERIFY(m_document->canStart());
        QTRY_VERIFY(m_document->estimatedSeconds() >= 0);
    }

    void aRunReachesTheWindowWhole() {
        openSmallStudy();
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        m_document->start();
        QVERIFY(finished.wait(60000));
        const SnapshotPointer snapshot = bridge().snapshot();
        QCOMPARE(snapshot->state, RunState::Idle);
        QCOMPARE(snapshot->evaluations.size(), std::size_t{300});
        QVERIFY(snapshot->reference.has_value());
        // every layer, side and format alone
        QCOMPARE(snapshot->sensitivity.size(), std::size_t{5 * (4 + 3)});
        for (std::size_t i = 0; i < 300; ++i) {
            QCOMPARE(snapshot->evaluations[i].id, static_cast<std::int64_t>(i) + 1);
        }
        // The front, checked pair by pair.
        for (std::size_t i = 0; i < 300; ++i) {
            const auto& a = snapshot->evaluations[i];
            bool beaten = false;
            for (std::size_t j = 0; j < 300; ++j) {
                const auto& b = snapshot->evaluations[j];
                const bool asGood =
                    b.measured.metric >= a.measured.metric && b.costs.bops <= a.costs.bops;
                const bool better =
                    b.measured.metric > a.measured.metric || b.costs.bops < a.costs.bops;
                beaten = beaten || (asGood && (better || j < i));
            }
            const bool onFront = std::find(snapshot->front.begin(), snapshot->front.end(), i) !=
                                 snapshot->front.end();
            QCOMPARE(onFront, !beaten);
        }
    }

    /// The best is too dear and the cheapest too bad, whether known before or measured later.
    void theFrontKeepsTheLimitsOfTheStudy() {
        openSmallStudy();
        ExplorationBridge shown;
        exploration::ExplorationPlan plan;
        plan.space = *m_document->space();
        plan.objectives = {exploration::QuantityId::Accuracy, exploration::QuantityId::Bops};
        plan.strategy.rules.constraints = {
            {.quantity = exploration::QuantityId::Accuracy, .atLeast = 0.8},
            {.quantity = exploration::QuantityId::Bops, .atMost = 40}};
        exploration::KnownResults known;
        known.evaluations = {evaluation(1, 0.9, 50), evaluation(2, 0.85, 30),
                             evaluation(3, 0.7, 10)};
        shown.show(plan, known);
        QCOMPARE(shown.snapshot()->front, (std::vector<std::size_t>{1}));
        shown.add(evaluation(4, 0.95, 41));
        QCOMPARE(shown.snapshot()->front, (std::vector<std::size_t>{1}));
        shown.add(evaluation(5, 0.88, 40));
        QCOMPARE(shown.snapshot()->front, (std::vector<std::size_t>{1, 4}));
    }

    void pauseHoldsAndResumeGoesOn() {
        openSmallStudy();
        m_world->evaluator->gated = true;
        m_document->start();
        QTRY_COMPARE(bridge().state(), RunState::Running);
        bridge().pause();
        QCOMPARE(bridge().state(), RunState::Paused);
        m_world->evaluator->gated = false;
        const std::size_t held = count();
        QTest::qWait(200);  // long enough for the whole run if it went on
        QVERIFY(count() <= held + 64);
        QVERIFY(bridge().isBusy());
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        bridge().resume();
        QVERIFY(finished.wait(60000));
        QCOMPARE(count(), std::size_t{300});
    }

    void stopAnswersAtOnceAndKeepsWhatIsDone() {
        openSmallStudy();
        m_world->evaluator->gated = true;
        m_document->start();
        QTRY_COMPARE(bridge().state(), RunState::Running);
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        QElapsedTimer clock;
        clock.start();
        bridge().stop();
        QVERIFY(finished.wait(5000));
        QVERIFY2(clock.elapsed() < 1000, qPrintable(QString::number(clock.elapsed())));
        QCOMPARE(finished.constFirst().constFirst().toBool(), true);
        QCOMPARE(bridge().state(), RunState::Idle);
        QVERIFY(m_document->canStart());
    }

    void aRunGoesOnFromTheJournal() {
        for (std::int64_t id = 1; id <= 10; ++id) {
            exploration::Evaluation known = evaluation(id, 0.5, 1e6 * static_cast<double>(id));
            known.design.genes = std::vector<std::uint16_t>(11, 0);
            known.design.genes[0] = static_cast<std::uint16_t>(id % 4);
            known.design.genes[1] = static_cast<std::uint16_t>(id / 4);
            m_world->known.evaluations.push_back(known);
        }
        QTemporaryDir folder;
        QFile results(folder.filePath(QStringLiteral("good.bitloupe")));
        QVERIFY(results.open(QIODevice::WriteOnly));
        QSignalSpy opened(m_document.get(), &StudyDocument::opened);
        m_document->openStudy(folder.filePath(QStringLiteral("good.yaml")));
        QVERIFY(opened.wait());
        QCOMPARE(count(), std::size_t{10});
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        m_document->start();
        QVERIFY(finished.wait(60000));
        QCOMPARE(count(), std::size_t{300});
        QCOMPARE(bridge().snapshot()->evaluations[0].measured.metric, 0.5);
    }

    void badFilesChangeNothing_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"broken.yaml", "broken.onnx", "broken.idx", "broken.bitloupe"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }

    void badFilesChangeNothing() {
        QFETCH(QString, name);
        openSmallStudy();
        const std::string before = m_document->backend().writeStudy(m_document->description());
        const auto network = m_document->network();
        const int generation = bridge().snapshot()->generation;
        std::vector<Error> errors;
        connect(m_document.get(), &StudyDocument::failed, this,
                [&](const Error& error) { errors.push_back(error); });
        m_document->openAnything(QStringLiteral("/nowhere/") + name);
        QTRY_COMPARE(errors.size(), std::size_t{1});
        QVERIFY(errors.front().where.find(name.toStdString()) != std::string::npos);
        QCOMPARE(m_document->backend().writeStudy(m_document->description()), before);
        QCOMPARE(m_document->network(), network);
        QCOMPARE(bridge().snapshot()->generation, generation);
        QVERIFY(m_document->canStart());
    }

    void fiftyEditsAreUndoneOneByOne() {
        openSmallStudy();
        const auto text = [this] {
            return m_document->backend().writeStudy(m_document->description());
        };
        std::vector<std::string> states = {text()};
        for (int i = 0; i < 50; ++i) {
            m_document->edit(QStringLiteral("edit"), [i](study::StudyDescription& study) {
                switch (i % 4) {
                    case 0:
                        study.evaluations += i + 1;
                        break;
                    case 1:
                        study.accelerators.push_back(
                            {i + 1, 4, hardware::Dataflow::InputStationary});
                        break;
                    case 2:
                        study.layers["c1"].weights = {i % 8 < 4 ? "int8" : "float"};
                        break;
                    default:
                        study.strategy.seed += 1;
                }
            });
            states.push_back(text());
        }
        for (int i = 49; i >= 0; --i) {
            m_document->undoStack().undo();
            QCOMPARE(text(), states[static_cast<std::size_t>(i)]);
        }
        QVERIFY(!m_document->undoStack().canUndo());
        QCOMPARE(m_document->space()->size(), std::pow(12.0, 5) * 3);
    }

    void anotherNetworkIsAStepThatCanBeUndone() {
        openSmallStudy();
        const auto before = m_document->network();
        QSignalSpy loaded(m_document.get(), &StudyDocument::loadedChanged);
        m_document->openNetwork(QStringLiteral("/elsewhere/net.onnx"));
        QVERIFY(loaded.wait());
        QVERIFY(m_document->network() != before);
        QVERIFY(m_document->path().isEmpty());  // it is no longer the study of that file
        m_document->undoStack().undo();
        QCOMPARE(m_document->network(), before);
        QVERIFY(!m_document->path().isEmpty());
    }

    void aStudyMovesWithItsFiles() {
        study::StudyDescription study = smallStudy();
        study.folder = "/home/a";
        study.network.model = "nets/x.onnx";
        study.data.folder = "/home/b";
        study.data.sources["s"].files["images"] = "i.idx";
        study.data.sources["s"].files["labels"] = "/data/l.idx";
        makePathsRelative(study, QStringLiteral("/home/a"));
        QCOMPARE(study.network.model, std::string("nets/x.onnx"));
        QCOMPARE(study.data.sources["s"].files["images"], std::string("/home/b/i.idx"));
        QCOMPARE(study.data.sources["s"].files["labels"], std::string("/data/l.idx"));
        study.network.model = "architecture:lenet5";
        makePathsAbsolute(study);
        QCOMPARE(study.network.model, std::string("architecture:lenet5"));
    }

    void filesAreToldApart() {
        QTemporaryDir folder;
        const auto write = [&folder](const char* name, const char* text) {
            const QString path = folder.filePath(QString::fromLatin1(name));
            QFile file(path);
            static_cast<void>(file.open(QIODevice::WriteOnly));
            file.write(text);
            return path;
        };
        QCOMPARE(guessKind(write("a.yaml", "name: x\nnetwork:\n  model: m\n")), FileKind::Study);
        QCOMPARE(guessKind(write("b.yaml", "kind: idx\nsources: {}\n")), FileKind::Data);
        QCOMPARE(guessKind(write("c.dat", "SQLite format 3\0")), FileKind::Results);
        QCOMPARE(guessKind(write("d.onnx", "")), FileKind::Network);
        QCOMPARE(guessKind(write("e.PTH", "")), FileKind::Network);
        QCOMPARE(guessKind(write("f.csv", "a,b\n")), FileKind::Data);
        QCOMPARE(guessKind(folder.filePath(QStringLiteral("missing.yaml"))), FileKind::Study);
        QCOMPARE(resultsPathFor(QStringLiteral("/a/b.yaml")), QStringLiteral("/a/b.bitloupe"));
    }
};

QTEST_GUILESS_MAIN(TstBridge)
#include "tst_bridge.moc"
