// SPDX-License-Identifier: Apache-2.0
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <QTemporaryDir>

#include "tests/ui/support/window_test.h"
#include "ui/bridge/engine.h"
#include "ui/bridge/file_backend.h"
#include "ui/models/selection.h"
#include "ui/pages/design_page.h"
#include "ui/pages/export_page.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/training_panel.h"
#include "ui/window/first_paint.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

namespace {

constexpr const char* kModule = "libbitloupe-engine.so";

/// The files that a running program has in its memory.
QByteArray mapsOf(qint64 process) {
    QFile maps(QStringLiteral("/proc/%1/maps").arg(process));
    return maps.open(QIODevice::ReadOnly) ? maps.readAll() : QByteArray();
}

bool isLibTorchLoaded(qint64 process = QCoreApplication::applicationPid()) {
    return mapsOf(process).contains("libtorch");
}

}  // namespace

/// The window without LibTorch, then with it: the module that runs networks is loaded after the
/// first paint. The functions run in this order, in one process, which starts without LibTorch.
class TstEngine : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;  ///< of studies and results
    QString m_results;

    [[nodiscard]] static std::shared_ptr<Engine> engineIn(const QString& folder) {
        return std::make_shared<Engine>(QStringList{folder});
    }
    [[nodiscard]] QString study() const {
        return m_home.filePath(QStringLiteral("digits/digits.yaml"));
    }

    [[nodiscard]] static double shownMetric(MainWindow& window) {
        return window.document()
            .bridge()
            .snapshot()
            ->find(window.selection().design())
            ->measured.metric;
    }

private Q_SLOTS:
    void initTestCase() {
        prepareWindowTests(QStringLiteral("tst_engine"));
        const auto written = fileBackend().writeExample(
            "digits", m_home.filePath(QStringLiteral("digits")).toStdString());
        QVERIFY(written.hasValue());
        m_results = m_home.filePath(QStringLiteral("digits/digits.bitloupe"));
    }
    void cleanupTestCase() { QCOMPARE(takeQtWarnings(), QStringList()); }

    void theProgramNamesNoLibTorchAmongItsLibraries() {
        QProcess loader;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("LD_TRACE_LOADED_OBJECTS"), QStringLiteral("1"));
        loader.setProcessEnvironment(environment);
        loader.start(QStringLiteral(BITLOUPE_PROGRAM), QStringList());
        QVERIFY(loader.waitForFinished());
        const QByteArray libraries = loader.readAllStandardOutput();
        QVERIFY(libraries.contains("libQt6Widgets"));
        QVERIFY2(!libraries.contains("libtorch") && !libraries.contains("libc10"), libraries);
    }

    void aMissingModuleIsSaidAndNothingElseHappens() {
        const QTemporaryDir empty;
        MainWindow window(lateBackend(engineIn(empty.path())));
        showWindow(window);
        window.document().loadEngine();
        QTRY_COMPARE(window.messages().sentences().size(), 1);
        QVERIFY(window.messages().sentences().constFirst().contains(QLatin1String(kModule)));
        QVERIFY(window.messages().sentences().constFirst().contains(empty.path()));
        QSignalSpy opened(&window.document(), &StudyDocument::opened);
        window.openPath(study());
        QVERIFY(opened.wait());
        QVERIFY(window.document().isOpen());
        QVERIFY(!window.document().canStart());
        QCOMPARE(window.messages().sentences().size(), 1);  // said once
        for (int page = MainWindow::SetUp; page <= MainWindow::Export; ++page) {
            window.setPage(page);
            window.grab();
        }
    }

    void aFileThatIsNoModuleIsSaidWithTheLoadersReason() {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QLatin1String(kModule)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("this is not a library");
        file.close();
        const Result<const Backend*> loaded = engineIn(folder.path())->load();
        QVERIFY(loaded.hasError());
        QVERIFY(loaded.error().where == file.fileName().toStdString());
        QVERIFY(!loaded.error().remedy.empty());
    }

    void theModuleOfAnotherBuildIsRefused() {
        const QString other = QStringLiteral(BITLOUPE_OTHER_ENGINE_FOLDER);
        QVERIFY(QFile::exists(other + QLatin1Char('/') + QLatin1String(kModule)));
        const Result<const Backend*> loaded = engineIn(other)->load();
        QVERIFY(loaded.hasError());
        QVERIFY(loaded.error().what.find("another build") != std::string::npos);
    }

    void theWindowIsPaintedBeforeLibTorchIsLoaded() {
        QVERIFY(!isLibTorchLoaded());
        MainWindow window(lateBackend(engineIn(QStringLiteral(BITLOUPE_ENGINE_FOLDER))));
        bool painted = false;
        afterFirstPaint(window, [&] {
            painted = true;
            QVERIFY(!isLibTorchLoaded());
            window.document().loadEngine();
        });
        showWindow(window);
        QTRY_VERIFY(painted);
        QTRY_VERIFY_WITH_TIMEOUT(isLibTorchLoaded(), 60000);
        QVERIFY(window.messages().sentences().isEmpty());

        QSignalSpy opened(&window.document(), &StudyDocument::opened);
        window.openPath(study());
        QVERIFY(opened.wait(60000));
        window.document().edit(QStringLiteral("few designs"),
                               [](study::StudyDescription& it) { it.evaluations = 20; });
        QVERIFY(window.document().save(study()).hasValue());  // or closing it asks
        runStudy(window);
        const SnapshotPointer snapshot = window.document().bridge().snapshot();
        QVERIFY(snapshot->evaluations.size() >= 20);
        QVERIFY(snapshot->reference && snapshot->reference->metric > 0.9);
        window.walkFront(1);
        QVERIFY(window.selection().design() > 0);
        window.setPage(MainWindow::Export);
        QTRY_VERIFY_WITH_TIMEOUT(window.exportPage().designExport().isReady(), 20000);
        QCOMPARE(window.exportPage().designExport().fits().size(), exporters::exportKinds().size());
        QVERIFY(window.close());
        QVERIFY(QFile::exists(m_results));
    }

    /// The example brings training samples, without which this would forget more than it learns.
    void fineTuningTheExampleImprovesAThreeBitDesign() {
        MainWindow window(lateBackend(engineIn(QStringLiteral(BITLOUPE_ENGINE_FOLDER))));
        showWindow(window);
        const QString folder = m_home.filePath(QStringLiteral("tuned"));
        QVERIFY(fileBackend().writeExample("digits", folder.toStdString()).hasValue());
        QSignalSpy opened(&window.document(), &StudyDocument::opened);
        window.openPath(folder + QStringLiteral("/digits.yaml"));
        QVERIFY(opened.wait(60000));
        const auto threeBits = quantization::Quantizer::parse("int3");
        window.document().edit(QStringLiteral("one design"), [&](study::StudyDescription& it) {
            it.weights = it.activations = {threeBits.value()};
            it.accelerators = {it.accelerators.front()};
            it.sensitivity = false;
            it.evaluations = 1;
            it.fineTuning.epochs = 1;
        });
        QVERIFY(window.document().save(window.document().path()).hasValue());
        runStudy(window);
        window.walkFront(1);
        const double before = shownMetric(window);
        window.actions().fineTuneDesign->trigger();
        auto* panel = window.designPage().findChild<TrainingPanel*>();
        QSignalSpy tuned(&window.training(), &TrainingJob::fineTuned);
        for (QPushButton* button : panel->findChildren<QPushButton*>()) {
            if (button->text().contains(QLatin1String("Fine-tune"))) {
                QTest::mouseClick(button, Qt::LeftButton);
            }
        }
        QVERIFY(window.training().isBusy());
        QVERIFY(tuned.wait(60000));
        QTRY_COMPARE(window.selection().design(), tuned.constFirst().at(1).toLongLong());
        QVERIFY2(shownMetric(window) > before,
                 qPrintable(QStringLiteral("%1, %2 before").arg(shownMetric(window)).arg(before)));
        QVERIFY(window.close());
    }

    void resultsCanBeLookedAtWithoutTheModule() {
        const QTemporaryDir empty;
        MainWindow window(lateBackend(engineIn(empty.path())));
        showWindow(window);
        QSignalSpy opened(&window.document(), &StudyDocument::opened);
        window.openPath(m_results);
        QVERIFY(opened.wait());
        const SnapshotPointer snapshot = window.document().bridge().snapshot();
        QVERIFY(snapshot->evaluations.size() >= 20);
        QVERIFY(!snapshot->front.empty());
        window.walkFront(1);
        const std::int64_t design = window.selection().design();
        QVERIFY(design > 0);
        for (int page = MainWindow::SetUp; page <= MainWindow::Export; ++page) {
            window.setPage(page);
            window.walkFront(1);
            window.grab();
        }
        QVERIFY(!window.document().canStart());
        QCOMPARE(window.messages().sentences().size(), 1);
    }

    void theProgramLoadsItByItself() {
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOME"), m_home.path());
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(BITLOUPE_PROGRAM), {study()});
        QVERIFY(program.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(isLibTorchLoaded(program.processId()), 60000);
        QVERIFY(mapsOf(program.processId()).contains(kModule));
        QCOMPARE(program.state(), QProcess::Running);
        program.terminate();
        QVERIFY(program.waitForFinished());
    }
};

QTEST_MAIN(TstEngine)
#include "tst_engine.moc"
