// SPDX-License-Identifier: Apache-2.0
#include <QCheckBox>
#include <QClipboard>
#include <QDir>
#include <QDoubleSpinBox>
#include <QListWidget>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTabWidget>
#include <QTest>
#include <QTextBrowser>
#include <QUndoView>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/curve_view.h"
#include "ui/dialogs/guide.h"
#include "ui/dialogs/help_window.h"
#include "ui/dialogs/training_dialog.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/message_log.h"
#include "ui/panels/preparation_panel.h"
#include "ui/panels/training_panel.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;
using quantization::Preparation;

/// What opens beside the pages, and the tab that prepares the network, with mouse and keys.
class TstDialogs : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<MainWindow> m_window;

    StudyDocument& document() { return m_window->document(); }
    const study::StudyDescription& study() { return document().description(); }
    static QString file(const char* name) { return QDir::tempPath() + QLatin1Char('/') + name; }
    void openStudy() { testing::openStudy(*m_window); }
    template <typename Widget>
    Widget* named(const QString& name) {
        return findNamed<Widget>(*m_window, name);
    }
    static void tick(QCheckBox& box) {
        QTest::mouseClick(&box, Qt::LeftButton, Qt::NoModifier, {8, box.height() / 2});
    }
    static void type(QAbstractSpinBox& box, const QString& text) {
        box.setFocus();
        box.selectAll();
        QTest::keyClicks(&box, text);
        QTest::keyClick(&box, Qt::Key_Return);
    }

private Q_SLOTS:
    void initTestCase() { prepareWindowTests(QStringLiteral("tst_dialogs")); }

    void init() {
        QSettings().clear();
        m_world = std::make_shared<FakeWorld>();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
    }

    void cleanup() {
        m_window->training().stopAndWait();
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void anUntrainedNetworkIsTrainedAndOpened() {
        m_window->openPath(file("untrained.yaml"));
        auto* dialog = m_window->findChild<TrainingDialog*>();
        QVERIFY(dialog && dialog->isVisible());
        QVERIFY(!document().isOpen());
        TrainingPanel& panel = dialog->panel();
        auto* epochs = panel.findChild<QSpinBox*>();
        QCOMPARE(epochs->accessibleName(), QStringLiteral("Epochs"));
        QCOMPARE(epochs->value(), 2);  // as the study says
        type(*epochs, QStringLiteral("4"));
        keepPicture(*dialog, QStringLiteral("training-before"));

        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QTRY_COMPARE(m_window->training().state(), TrainingJob::State::Running);
        QVERIFY(!epochs->isEnabled());
        m_world->trainingSteps.release(13);
        QTRY_VERIFY2(panel.sentence().contains(QStringLiteral("step 13 of 20")),
                     qPrintable(panel.sentence()));
        QCOMPARE(panel.startButton().text(), QStringLiteral("&Pause"));
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QTRY_COMPARE(m_window->training().state(), TrainingJob::State::Paused);
        QCOMPARE(panel.startButton().text(), QStringLiteral("&Resume"));
        QCOMPARE(panel.curve().data().curves.at(1).points.size(), std::size_t{2});  // epochs ended
        keepPicture(*dialog, QStringLiteral("training-paused"));

        QSignalSpy opened(&document(), &StudyDocument::opened);
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        m_world->trainingSteps.release(kTrainingSteps);
        QVERIFY(opened.wait());
        QVERIFY(document().isOpen());
        QCOMPARE(m_world->trainedBy.epochs, std::int64_t{4});
        QTRY_VERIFY(!m_window->findChild<TrainingDialog*>());
    }

    void stoppedTrainingOffersToGoOn() {
        m_window->openPath(file("untrained.yaml"));
        auto* dialog = m_window->findChild<TrainingDialog*>();
        QVERIFY(dialog);
        TrainingPanel& panel = dialog->panel();
        QVERIFY(!panel.stopButton().isEnabled());
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QTRY_VERIFY(panel.stopButton().isEnabled());
        QTest::mouseClick(&panel.stopButton(), Qt::LeftButton);
        QTRY_COMPARE(m_window->training().state(), TrainingJob::State::Idle);
        QTRY_COMPARE(panel.sentence(), QStringLiteral("Stopped. Train goes on from there."));
        QVERIFY(dialog->isVisible());
        QVERIFY(!document().isOpen());
        QVERIFY(panel.startButton().isEnabled());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!m_window->findChild<TrainingDialog*>());
    }

    void theFormatsCardIsAsTallAsThePageItShows() {
        openStudy();
        m_window->setPage(MainWindow::SetUp);
        QTabWidget* tabs = nullptr;
        for (QTabWidget* each : m_window->findChildren<QTabWidget*>()) {
            tabs = each->accessibleName() == QLatin1String("Formats of") ? each : tabs;
        }
        QVERIFY(tabs);
        const int chips = tabs->heightForWidth(tabs->width());
        tabs->setCurrentIndex(3);
        QVERIFY(tabs->heightForWidth(tabs->width()) < chips / 2);
        tabs->setCurrentIndex(0);
        QCOMPARE(tabs->heightForWidth(tabs->width()), chips);
    }

    void theNetworkIsPreparedByClicks() {
        openStudy();
        auto* tabs = named<QTabWidget>(QStringLiteral("Formats of"));
        auto* panel = m_window->findChild<PreparationPanel*>();
        QVERIFY(tabs && panel);
        const int index = tabs->indexOf(panel);
        QTest::mouseClick(tabs->tabBar(), Qt::LeftButton, Qt::NoModifier,
                          tabs->tabBar()->tabRect(index).center());
        QVERIFY(panel->isVisible());
        const QList<QCheckBox*> boxes = panel->findChildren<QCheckBox*>();
        QCOMPARE(boxes.size(), 3);
        auto* alpha = panel->findChild<QDoubleSpinBox*>();
        QVERIFY(!alpha->isEnabled());
        const QString results = document().resultsPath();
        tick(*boxes[0]);
        QCOMPARE(study().preparations,
                 std::vector<Preparation>{Preparation{Preparation::Kind::Equalize}});
        QVERIFY(document().resultsPath() != results);  // they would not compare
        tick(*boxes[1]);
        QVERIFY(alpha->isEnabled());
        type(*alpha, QStringLiteral("0.7"));
        QCOMPARE(study().preparations.at(1), (Preparation{Preparation::Kind::SmoothQuant, 0.7}));
        tick(*boxes[2]);
        QCOMPARE(study().preparations.size(), std::size_t{3});
        type(*panel->findChild<QSpinBox*>(), QStringLiteral("30"));
        QCOMPARE(study().globalPruning, 30.0);
        keepPicture(*m_window, QStringLiteral("preparation"));
        tick(*boxes[0]);
        QCOMPARE(study().preparations.size(), std::size_t{2});
        while (document().undoStack().canUndo()) {
            m_window->actions().undo->trigger();
        }
        QVERIFY(study().preparations.empty());
        QCOMPARE(study().globalPruning, 0.0);
        QCOMPARE(document().resultsPath(), results);
        QVERIFY(!boxes[1]->isChecked() && !alpha->isEnabled());
    }

    void helpOpensAtThePageAndFollowsItsTopics() {
        openStudy();
        m_window->setPage(MainWindow::Sensitivity);
        m_window->actions().help->trigger();
        auto* help = m_window->findChild<HelpWindow*>();
        QVERIFY(help && help->isVisible());
        auto* topics = help->findChild<QListWidget*>();
        QCOMPARE(topics->currentItem()->text(), QStringLiteral("Sensitivity"));
        keepPicture(*help, QStringLiteral("help"));
        QTest::mouseClick(topics->viewport(), Qt::LeftButton, Qt::NoModifier,
                          topics->visualItemRect(topics->item(0)).center());
        QCOMPARE(topics->currentRow(), 0);
        QVERIFY(!help->findChild<QTextBrowser*>()->toPlainText().isEmpty());
    }

    void theHistoryGoesBackWithAClick() {
        openStudy();
        for (const std::uint64_t seed : {11, 12}) {
            document().edit(tr("seed"),
                            [seed](study::StudyDescription& study) { study.strategy.seed = seed; });
        }
        m_window->actions().history->trigger();
        auto* steps = m_window->findChild<QUndoView*>();
        QVERIFY(steps && steps->isVisible());
        QCOMPARE(steps->model()->rowCount(), 3);
        keepPicture(*steps->window(), QStringLiteral("history"));
        QTest::mouseClick(steps->viewport(), Qt::LeftButton, Qt::NoModifier,
                          steps->visualRect(steps->model()->index(1, 0)).center());
        QCOMPARE(study().strategy.seed, std::uint64_t{11});
    }

    void whatWasToldIsKeptInTheLog() {
        openStudy();
        QListWidget* log = m_window->messageLog().findChild<QListWidget*>();
        QVERIFY(!m_window->messageLog().isVisible());
        m_window->openPath(file("wrong.yaml"));
        Q_EMIT document().noticed(QStringLiteral("One of the arrays was added."));
        QCOMPARE(m_window->messages().sentences().size(), 2);
        m_window->messages().clear();
        QTest::keyClick(m_window.get(), Qt::Key_M, Qt::ControlModifier);
        QVERIFY(m_window->messageLog().isVisible());
        QVERIFY(m_window->actions().messages->isChecked());
        QCOMPARE(log->count(), 2);
        QVERIFY(log->item(0)->text().contains(QLatin1String("wrong.yaml")));
        QVERIFY(log->item(0)->text().contains(QLatin1String("Open another one")));
        QVERIFY(log->item(1)->text().endsWith(QLatin1String("One of the arrays was added.")));
        keepPicture(*m_window, QStringLiteral("messages"));
        log->item(1)->setSelected(true);
        log->setFocus();
        QTest::keyClick(log, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), log->item(1)->text());
        QTest::mouseClick(m_window->messageLog().findChildren<QPushButton*>().at(1),
                          Qt::LeftButton);
        QCOMPARE(log->count(), 0);
        // The next window shows it too, and the reset layout does not.
        QVERIFY(m_window->close());
        MainWindow next(fakeBackend(m_world));
        showWindow(next);
        QVERIFY(next.messageLog().isVisible());
        next.actions().resetLayout->trigger();
        QVERIFY(!next.messageLog().isVisible() && !next.actions().messages->isChecked());
    }

    void theTourIsSeen() {
        openStudy();
        m_window->actions().guide->trigger();
        auto* guide = m_window->findChild<Guide*>();
        QVERIFY(guide);
        keepPicture(*m_window, QStringLiteral("guide-window"));
        keepPicture(*guide, QStringLiteral("guide"));
    }
};

QTEST_MAIN(TstDialogs)
#include "tst_dialogs.moc"
