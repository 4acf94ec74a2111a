// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QClipboard>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/design_scatter.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/charts/shape_map.h"
#include "ui/models/accelerator_charts.h"
#include "ui/pages/accelerator_page.h"
#include "ui/pages/explore_page.h"
#include "ui/pages/export_page.h"
#include "ui/pages/sensitivity_page.h"
#include "ui/panels/accelerator_editor.h"
#include "ui/panels/accelerator_tabs.h"
#include "ui/panels/chip.h"
#include "ui/panels/constraint_bar.h"
#include "ui/panels/inspector.h"
#include "ui/panels/link_row.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/network_graph_panel.h"
#include "ui/panels/run_bar.h"
#include "ui/panels/tensor_line.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;

/// The window as a person uses it: mouse and keys, one page after the other.
class TstWindow : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<MainWindow> m_window;

    ExplorationBridge& bridge() { return m_window->document().bridge(); }
    std::size_t count() { return bridge().snapshot()->evaluations.size(); }
    std::int64_t selected() { return m_window->selection().design(); }

    void openStudy() { testing::openStudy(*m_window); }
    void runStudy() {
        openStudy();
        testing::runStudy(*m_window);
    }
    void press(Qt::Key key) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : m_window.get(),
                        key);
    }
    void drop(const QString& path) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &mime, Qt::LeftButton,
                              Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &enter);
        QDropEvent event(QPointF(200, 200), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_window.get(), &event);
    }
    template <typename T>
    T* find(const QString& accessibleName) {
        return findNamed<T>(*m_window, accessibleName);
    }

private Q_SLOTS:
    void initTestCase() { prepareWindowTests(QStringLiteral("tst_window")); }

    void init() {
        QSettings().clear();
        m_world = std::make_shared<FakeWorld>();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
    }

    void cleanup() {
        m_world->evaluator->gated = false;
        bridge().stopAndWait();
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void theWelcomePageOpensAnExampleWithAClick() {
        keepPicture(*m_window, QStringLiteral("welcome"));
        auto* row = m_window->findChild<LinkRow*>(QStringLiteral("example-digits"));
        QVERIFY(row);
        QSignalSpy opened(&m_window->document(), &StudyDocument::opened);
        QTest::mouseClick(row, Qt::LeftButton);
        QVERIFY(opened.wait());
        QCOMPARE(m_window->currentPage(), MainWindow::SetUp);
        QTRY_VERIFY(m_window->document().estimatedSeconds() >= 0);
        keepPicture(*m_window, QStringLiteral("setup"));
        m_window->resize(1100, 700);
        keepPicture(*m_window, QStringLiteral("setup-small"));
    }

    void tickingAFormatChangesTheSpaceAndCanBeUndone() {
        openStudy();
        const double before = m_window->document().space()->size();
        Chip* chip = find<Chip>(QStringLiteral("int5 for weights"));
        QVERIFY(chip && !chip->isChecked());
        QTest::mouseClick(chip, Qt::LeftButton);
        QCOMPARE(m_window->document().description().weights.size(), std::size_t{5});
        QCOMPARE(m_window->document().space()->size(), std::pow(15.0, 5) * 3);
        m_window->actions().undo->trigger();
        QCOMPARE(m_window->document().space()->size(), before);
        QVERIFY(!chip->isChecked());
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_Space);  // a focused chip keeps its Space
        QVERIFY(chip->isChecked());
        QVERIFY(!bridge().isBusy());
    }

    void keysChangePages() {
        openStudy();
        for (const auto& [key, page] :
             {std::pair{Qt::Key_3, MainWindow::Sensitivity},
              std::pair{Qt::Key_2, MainWindow::Explore}, std::pair{Qt::Key_4, MainWindow::Design},
              std::pair{Qt::Key_5, MainWindow::Accelerator},
              std::pair{Qt::Key_6, MainWindow::Export}, std::pair{Qt::Key_1, MainWindow::SetUp}}) {
            QTest::keyClick(m_window.get(), key);
            QCOMPARE(m_window->currentPage(), static_cast<int>(page));
        }
    }

    void spaceStartsPausesAndResumes() {
        openStudy();
        m_world->evaluator->gated = true;
        m_window->setFocus();
        QTest::keyClick(m_window.get(), Qt::Key_Space);
        QTRY_COMPARE(bridge().state(), RunState::Running);
        QCOMPARE(m_window->currentPage(), MainWindow::Explore);  // where things will appear
        QTest::keyClick(m_window.get(), Qt::Key_Space);
        QCOMPARE(bridge().state(), RunState::Paused);
        QVERIFY(m_window->findChild<RunBar*>()->sentence().contains(QStringLiteral("paused")));
        keepPicture(*m_window, QStringLiteral("paused"));
        m_world->evaluator->gated = false;
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        QTest::keyClick(m_window.get(), Qt::Key_Space);
        QVERIFY(finished.wait(60000));
        QCOMPARE(count(), std::size_t{300});
    }

    void clickingAPointShowsItsLayers() {
        runStudy();
        charts::DesignScatter& scatter = m_window->explorePage().scatter();
        QTRY_COMPARE(scatter.data().count(), std::size_t{300});
        const std::size_t position = bridge().snapshot()->front.front();
        const std::int64_t id = bridge().snapshot()->evaluations[position].id;
        const auto place = scatter.positionOf(id);
        QVERIFY(place);
        QTest::mouseClick(scatter.viewport(), Qt::LeftButton, Qt::NoModifier, place->toPoint());
        QVERIFY(selected() > 0);
        const auto* inspector = m_window->findChild<Inspector*>();
        QVERIFY(inspector->isVisible());
        QVERIFY(inspector->facts().join(QLatin1Char('\n')).contains(QStringLiteral("Accuracy")));
        QTableView* layers = find<QTableView>(QStringLiteral("Layers of the selected design"));
        QCOMPARE(layers->model()->rowCount(), 5);
        keepPicture(*m_window, QStringLiteral("explore"));
        m_window->resize(1100, 700);
        keepPicture(*m_window, QStringLiteral("explore-small"));
    }

    void arrowsWalkAlongTheFront() {
        runStudy();
        m_window->setFocus();
        double bops = 0;
        for (std::size_t i = 0; i < bridge().snapshot()->front.size(); ++i) {
            QTest::keyClick(m_window.get(), Qt::Key_Right);
            const double next = bridge().snapshot()->find(selected())->costs.bops;
            QVERIFY(next >= bops);
            bops = next;
        }
        const std::int64_t last = selected();
        QTest::keyClick(m_window.get(), Qt::Key_Right);
        QCOMPARE(selected(), last);
        QTest::keyClick(m_window.get(), Qt::Key_Left);
        QVERIFY(selected() != last);
    }

    void pinsAreKeptForTheStudy() {
        runStudy();
        m_window->walkFront(1);
        const std::int64_t pinned = selected();
        QTest::keyClick(m_window.get(), Qt::Key_P);
        QVERIFY(m_window->selection().isPinned(pinned));
        m_window->walkFront(1);
        openStudy();
        QCOMPARE(m_window->selection().pinned(), std::vector<std::int64_t>{pinned});
    }

    void theSliderLeavesFewerDesigns() {
        runStudy();
        auto* slider = find<QSlider>(QStringLiteral("Accuracy at least"));
        QTRY_VERIFY(slider->isEnabled());
        slider->setFocus();
        for (int i = 0; i < 15; ++i) {
            QTest::keyClick(slider, Qt::Key_PageUp);
        }
        auto* bar = m_window->findChild<ConstraintBar*>();
        QVERIFY(bar->limit().has_value());
        std::size_t left = 0;
        for (std::size_t i = 0; i < count(); ++i) {
            left += bridge().snapshot()->evaluations[i].measured.metric >= *bar->limit() ? 1 : 0;
        }
        QVERIFY(left < count());
        QCOMPARE(bar->sentence(), QStringLiteral("%1 of 300 left").arg(left));
        keepPicture(*m_window, QStringLiteral("constrained"));
    }

    void theListSelectsToo() {
        runStudy();
        QTableView* table = find<QTableView>(QStringLiteral("Designs"));
        QTRY_COMPARE(static_cast<std::size_t>(table->model()->rowCount()),
                     bridge().snapshot()->front.size());
        const QRect cell = table->visualRect(table->model()->index(1, 0));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, Qt::NoModifier, cell.center());
        const std::int64_t first = selected();
        QVERIFY(first > 0);
        QTest::keyClick(table, Qt::Key_Down);
        QVERIFY(selected() != first);
    }

    void everyPageShowsTheStudy() {
        runStudy();
        m_window->walkFront(-1);
        m_window->setPage(MainWindow::Sensitivity);
        QCOMPARE(m_window->sensitivityPage().model().measuredCells(), 35);
        keepPicture(*m_window, QStringLiteral("sensitivity"));
        QTableView& heatmap = m_window->sensitivityPage().heatmap().table();
        QTest::mouseClick(
            heatmap.viewport(), Qt::LeftButton, Qt::NoModifier,
            heatmap.visualRect(m_window->sensitivityPage().model().indexOf({2, false, 1}))
                .center());
        QCOMPARE(m_window->selection().layer(), 2);
        SensitivityPage& sensitivity = m_window->sensitivityPage();
        QCOMPARE(sensitivity.graph().view().selectedLayer(), 2);
        const auto valueOf = [&](int layer) {
            for (const charts::GraphNode& node : sensitivity.graph().view().data().nodes) {
                if (node.layer == layer) {
                    return node.value;
                }
            }
            return std::nan("");
        };
        QCOMPARE(valueOf(4), sensitivity.model()
                                 .indexOf({4, false, 1})
                                 .data(charts::SensitivityModel::ValueRole)
                                 .toDouble());
        // The most sensitive first: rows move, what they say does not.
        const double before = valueOf(4);
        sensitivity.setMostSensitiveFirst(true);
        QCOMPARE(sensitivity.model().measuredCells(), 35);
        QCOMPARE(m_window->selection().layer(), 2);
        QTest::mouseClick(heatmap.viewport(), Qt::LeftButton, Qt::NoModifier,
                          heatmap.visualRect(sensitivity.model().indexOf({0, false, 1})).center());
        const int first = m_window->selection().layer();
        double worst[5] = {1, 1, 1, 1, 1};
        for (const auto& cell : bridge().snapshot()->sensitivity) {
            worst[cell.layer] = std::min(worst[cell.layer], cell.measured.metric);
        }
        QCOMPARE(worst[first], *std::min_element(std::begin(worst), std::end(worst)));
        QCOMPARE(valueOf(4), before);
        keepPicture(*m_window, QStringLiteral("sensitivity-sorted"));
        sensitivity.setMostSensitiveFirst(false);
        QTest::mouseClick(heatmap.viewport(), Qt::LeftButton, Qt::NoModifier,
                          heatmap.visualRect(sensitivity.model().indexOf({2, false, 1})).center());
        sensitivity.graph().setColour(NetworkGraphPanel::Macs);
        QCOMPARE(valueOf(3), double(m_window->document().network()->layers[3].gemm.macs()));
        QTRY_VERIFY(sensitivity.tensor().view().data().axis.label.contains(QStringLiteral("c5")));
        keepPicture(*m_window, QStringLiteral("sensitivity-graph"));
        m_window->setPage(MainWindow::Accelerator);
        keepPicture(*m_window, QStringLiteral("accelerator"));
        QTableView* costs = find<QTableView>(QStringLiteral("Cycles of each layer"));
        QTRY_COMPARE(costs->currentIndex().row(), 2);  // computed once the page is seen
        QTest::keyClick(costs, Qt::Key_Down);
        QCOMPARE(m_window->selection().layer(), 3);
        QTest::keyClick(m_window.get(), Qt::Key_E);
        QCOMPARE(m_window->currentPage(), MainWindow::Export);
        keepPicture(*m_window, QStringLiteral("export"));
        QVERIFY(m_window->exportPage().commandLine().contains(
            QStringLiteral(" %1 --to ").arg(selected())));
    }

    void theAcceleratorCanBeEditedSavedAndOpened() {
        runStudy();
        m_window->walkFront(-1);
        m_window->setPage(MainWindow::Accelerator);
        AcceleratorPage& page = m_window->acceleratorPage();
        AcceleratorEditor& editor = page.editor();
        const auto studied = [&](std::int64_t rows, double bandwidth) {
            return page.study() && page.study()->accelerator.rows == rows &&
                   page.study()->accelerator.bandwidth == bandwidth;
        };
        editor.open(QStringLiteral("teaching-64"));
        QTRY_VERIFY(studied(8, page.shown().bandwidth));
        auto* rows = find<QSpinBox>(QStringLiteral("Rows"));
        auto* bandwidth = find<QDoubleSpinBox>(QStringLiteral("DRAM B/cycle"));
        QVERIFY(rows && bandwidth);
        rows->setValue(4);
        bandwidth->setValue(2);
        QTRY_VERIFY(studied(4, 2));
        const AcceleratorStudy& study = *page.study();
        QCOMPARE(study.workloads.size(), m_window->document().network()->layers.size());
        const exploration::Evaluation* design = bridge().snapshot()->find(selected());
        QVERIFY(design);
        const auto schemes = m_window->document().space()->assignment(design->design);
        for (std::size_t i = 0; i < study.workloads.size(); ++i) {
            QCOMPARE(study.workloads[i].weightBits,
                     schemes[i].weights ? schemes[i].weights->format.bitsPerValue() : 32.0);
        }
        for (const hardware::RooflinePoint& point : study.roofline.layers) {
            QVERIFY(point.performance <=
                    std::min(study.roofline.peak, point.intensity * study.roofline.bandwidth) *
                        (1 + 1e-9));
        }
        page.tabs().setCurrentIndex(2);
        keepPicture(*m_window, QStringLiteral("accelerator-roofline"));
        page.tabs().setCurrentIndex(3);
        keepPicture(*m_window, QStringLiteral("accelerator-sweeps"));
        page.tabs().setCurrentIndex(1);
        keepPicture(*m_window, QStringLiteral("accelerator-shapes"));
        charts::ShapeMap& shapes = page.tabs().shapes();
        QTest::mouseClick(&shapes, Qt::LeftButton, Qt::NoModifier,
                          shapes.cellPlace(3, 5).center().toPoint());
        QTRY_VERIFY(studied(kMapSides[3], 2));
        QCOMPARE(page.shown().columns, kMapSides[5]);
        QTest::keyClick(&shapes, Qt::Key_Right);
        QTest::keyClick(&shapes, Qt::Key_Return);
        QCOMPARE(page.shown().columns, kMapSides[6]);
        QTemporaryDir folder;
        for (const char* name : {"/array.yaml", "/array.cfg"}) {
            const hardware::Accelerator saved = page.shown();
            QVERIFY(editor.save(folder.path() + QLatin1String(name)).hasValue());
            rows->setValue(rows->value() + 1);
            QVERIFY(page.shown() != saved);
            editor.open(folder.path() + QLatin1String(name));
            QVERIFY(page.shown() == saved);
        }
        const std::size_t arrays = m_window->document().description().accelerators.size();
        Q_EMIT editor.wanted(page.shown());
        QCOMPARE(m_window->document().description().accelerators.size(), arrays + 1);
        m_window->actions().undo->trigger();
        QCOMPARE(m_window->document().description().accelerators.size(), arrays);
        editor.open(folder.path() + QStringLiteral("/missing.yaml"));
        QCOMPARE(m_window->messages().sentences().size(), 2);
        QVERIFY(m_window->messages().sentences().constFirst().contains(
            QStringLiteral("now one of the study's arrays")));
        QVERIFY(
            m_window->messages().sentences().constLast().contains(QStringLiteral("missing.yaml")));
    }

    void aBadFileLeavesTheRunAlone() {
        openStudy();
        m_world->evaluator->gated = true;
        m_window->actions().start->trigger();
        QTRY_COMPARE(bridge().state(), RunState::Running);
        drop(QStringLiteral("/nowhere/broken.onnx"));
        QCOMPARE(bridge().state(), RunState::Running);
        QCOMPARE(m_window->messages().sentences().size(), 1);
        keepPicture(*m_window, QStringLiteral("message"));
        QCOMPARE(m_window->document().title(), QStringLiteral("LeNet-5 on digits"));
        m_world->evaluator->gated = false;
        QSignalSpy finished(&bridge(), &ExplorationBridge::finished);
        QVERIFY(finished.wait(60000));
        QCOMPARE(count(), std::size_t{300});
        drop(QStringLiteral("/nowhere/broken.onnx"));
        QTRY_COMPARE(m_window->messages().sentences().size(), 2);
        QVERIFY(
            m_window->messages().sentences().constLast().contains(QStringLiteral("broken.onnx")));
        keepPicture(*m_window, QStringLiteral("error"));
        QCOMPARE(count(), std::size_t{300});
    }

    void closingDuringARunAsksOnce() {
        openStudy();
        m_world->evaluator->gated = true;
        m_window->actions().start->trigger();
        QTRY_COMPARE(bridge().state(), RunState::Running);
        int asked = 0;
        const auto answer = [&asked](const QString& word) {
            QTimer::singleShot(50, qApp, [&asked, word] {
                ++asked;
                QWidget* box = QApplication::activeModalWidget();
                for (QPushButton* button : box->findChildren<QPushButton*>()) {
                    if (button->text().remove(QLatin1Char('&')).contains(word)) {
                        QTest::mouseClick(button, Qt::LeftButton);
                        return;
                    }
                }
            });
        };
        answer(QStringLiteral("Keep running"));
        QVERIFY(!m_window->close());
        QCOMPARE(bridge().state(), RunState::Running);
        answer(QStringLiteral("Stop and close"));
        QVERIFY(m_window->close());
        QCOMPARE(bridge().state(), RunState::Idle);
        QCOMPARE(asked, 2);
    }

    void thePaletteFindsAnything() {
        runStudy();
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        QWidget* palette = QApplication::activeModalWidget();
        QVERIFY(palette);
        auto* text = palette->findChild<QLineEdit*>();
        QTest::keyClicks(text, QStringLiteral("sensit"));
        keepPicture(*palette, QStringLiteral("palette"));
        QTest::keyClick(text, Qt::Key_Return);
        QCOMPARE(m_window->currentPage(), MainWindow::Sensitivity);
        QTRY_VERIFY(QApplication::activeModalWidget() == nullptr);
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
        QVERIFY(QApplication::activeModalWidget());
        text = QApplication::activeModalWidget()->findChild<QLineEdit*>();
        QTest::keyClicks(text, QStringLiteral("123"));
        QTest::keyClick(text, Qt::Key_Return);
        QCOMPARE(selected(), std::int64_t{123});
    }

    void darkIsALivePaletteAway() {
        runStudy();
        m_window->walkFront(-1);
        m_window->actions().darkTheme->trigger();
        QTRY_VERIFY(isDark(m_window->palette()));
        for (int page = 0; page <= MainWindow::Export; ++page) {
            m_window->setPage(page);
            keepPicture(*m_window, QStringLiteral("dark-%1").arg(page));
        }
        m_window->actions().lightTheme->trigger();
        QTRY_VERIFY(!isDark(m_window->palette()));
    }
};

QTEST_MAIN(TstWindow)
#include "tst_window.moc"
