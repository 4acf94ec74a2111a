// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QComboBox>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <random>

#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/design_scatter.h"
#include "ui/pages/design_page.h"
#include "ui/pages/explore_page.h"
#include "ui/panels/compare_panel.h"
#include "ui/panels/design_plot.h"
#include "ui/panels/draft_figures.h"
#include "ui/panels/fine_tune_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/tensor_line.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;
using exploration::Evaluation;
using exploration::Side;

/// Designs changed by hand, compared, and trained further.
class TstDesignPage : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<MainWindow> m_window;

    StudyDocument& document() { return m_window->document(); }
    ExplorationBridge& bridge() { return document().bridge(); }
    DesignEditor& editor() { return m_window->editor(); }
    DesignPage& page() { return m_window->designPage(); }
    std::int64_t selected() { return m_window->selection().design(); }
    const Evaluation& evaluation(std::int64_t id) { return *bridge().snapshot()->find(id); }
    exploration::Assignment assignmentOf(std::int64_t id) {
        return document().shown().space.assignment(evaluation(id).design);
    }
    static quantization::Quantizer format(const char* name) {
        return quantization::Quantizer::parse(name).value();
    }

    /// A measured study, a design of its front selected, on the Design page.
    void openDesign() {
        openStudy(*m_window);
        runStudy(*m_window);
        m_window->walkFront(1);
        m_window->walkFront(1);
        m_window->actions().editDesign->trigger();
        QCOMPARE(m_window->currentPage(), static_cast<int>(MainWindow::Design));
    }

    /// Opens the menu of a cell with a click and chooses from it.
    void choose(int row, int column, const QString& name) {
        QTableView& table = page().table();
        const QRect cell = table.visualRect(table.model()->index(row, column));
        QTest::mouseClick(table.viewport(), Qt::LeftButton, Qt::NoModifier, cell.center());
        QMenu* menu = nullptr;
        QTRY_VERIFY((menu = qobject_cast<QMenu*>(QApplication::activePopupWidget())));
        for (QAction* action : menu->actions()) {
            if (action->text().section(QLatin1Char('\t'), 0, 0) == name) {
                QTest::mouseClick(menu, Qt::LeftButton, Qt::NoModifier,
                                  menu->actionGeometry(action).center());
                return;
            }
        }
        QFAIL(qPrintable(name));
    }

    /// A design of the study in which layer 0 weights are not `name`.
    std::int64_t designWithout(const char* name) {
        for (std::size_t i = 0; i < bridge().snapshot()->evaluations.size(); ++i) {
            const Evaluation& each = bridge().snapshot()->evaluations[i];
            if (!(document().shown().space.assignment(each.design)[0].weights == format(name))) {
                return each.id;
            }
        }
        return 0;
    }

private Q_SLOTS:
    void initTestCase() { prepareWindowTests(QStringLiteral("tst_design_page")); }

    void init() {
        QSettings().clear();
        m_world = std::make_shared<FakeWorld>();
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
        openDesign();
    }

    void cleanup() {
        m_world->evaluator->gated = false;
        bridge().stopAndWait();
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void aChangedFormatMovesThePoint() {
        editor().setAutomatic(false);
        const std::int64_t base = designWithout("int8");
        m_window->selection().setDesign(base);
        const std::size_t before = bridge().snapshot()->evaluations.size();
        choose(0, DesignLayersModel::Weights, QStringLiteral("int8"));
        QVERIFY(editor().draft().has_value());
        exploration::Assignment expected = assignmentOf(base);
        expected[0].weights = format("int8");
        QVERIFY(editor().draft()->assignment == expected);
        const exploration::Costs costs = exploration::computeCosts(
            document().network()->layers, expected, editor().draft()->accelerator);
        QCOMPARE(editor().costs().bops, costs.bops);
        QVERIFY(costs.bops > evaluation(base).costs.bops);
        // The base moved by what the two formats of this layer do alone.
        double alone[2] = {0, 0};
        for (const auto& cell : bridge().snapshot()->sensitivity) {
            if (cell.layer == 0 && cell.side == Side::Weights) {
                if (cell.quantizer == format("int8")) {
                    alone[1] = cell.measured.metric;
                } else if (cell.quantizer == *assignmentOf(base)[0].weights) {
                    alone[0] = cell.measured.metric;
                }
            }
        }
        QVERIFY(alone[0] > 0 && alone[1] > 0);
        QVERIFY(std::abs(*editor().expectedMetric() -
                         (evaluation(base).measured.metric + alone[1] - alone[0])) < 1e-12);
        const auto& draft = page().plot().scatter().data().draft;
        QVERIFY(draft.has_value());
        QCOMPARE(draft->place.x(), costs.bops);
        QVERIFY(page().figures().sentences().first().contains(QStringLiteral("about")));
        keepPicture(*m_window, QStringLiteral("design-changed"));

        m_window->activateWindow();  // the menu is gone
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
        QTest::keyClick(m_window.get(), Qt::Key_M);
        QTRY_COMPARE(bridge().snapshot()->evaluations.size(), before + 1);
        const Evaluation& made = bridge().snapshot()->evaluations[before];
        QCOMPARE(selected(), made.id);
        QCOMPARE(made.parent, base);
        QVERIFY(assignmentOf(made.id) == expected);
        QCOMPARE(made.measured.metric, exploration::testing::fakeMeasurement(expected).metric);
        const charts::ScatterData& shown = page().plot().scatter().data();
        QVERIFY(!shown.draft.has_value());
        QCOMPARE(shown.links.size(), std::size_t{1});
        QCOMPARE(shown.ids[shown.links[0].parent], base);
        QCOMPARE(shown.ids[shown.links[0].child], made.id);
        keepPicture(*m_window, QStringLiteral("design-measured"));

        m_window->actions().undo->trigger();
        QCOMPARE(selected(), base);
        QVERIFY(!editor().draft().has_value());
        m_window->actions().redo->trigger();
        QCOMPARE(editor().known(), made.id);  // nothing is measured twice
        QCOMPARE(selected(), made.id);
        QVERIFY(!document().isModified());  // a design is no edit of the study's file
    }

    void itMeasuresByItselfWhenNothingRuns() {
        const std::int64_t base = designWithout("int8");
        m_window->selection().setDesign(base);
        const std::size_t before = bridge().snapshot()->evaluations.size();
        page().table().setFocus();
        page().table().setCurrentIndex(
            page().table().model()->index(0, static_cast<int>(DesignLayersModel::Weights)));
        for (int i = 0; i < 4; ++i) {
            QTest::keyClick(&page().table(), Qt::Key_Plus);  // as far up as it goes
        }
        QVERIFY(editor().draft()->assignment[0].weights == format("int8"));
        QTRY_COMPARE(bridge().snapshot()->evaluations.size(), before + 1);  // the last one only
        QCOMPARE(bridge().snapshot()->evaluations[before].parent, base);
    }

    /// "The same study, byte for byte": its file, its draft and its designs.
    void fiftyEditsAreUndoneOneByOne() {
        editor().setAutomatic(false);
        struct Moment {
            std::string study;
            std::optional<DesignDraft> draft;
            bool operator==(const Moment&) const = default;
        };
        const auto now = [this] {
            return Moment{document().backend().writeStudy(document().description()),
                          editor().draft()};
        };
        std::mt19937 random(7);
        const auto below = [&random](std::size_t count) { return random() % count; };
        const std::vector<std::string> formats = {"int3", "int4", "int5", "posit<6,1>", "fp8e4m3"};
        std::vector<Moment> moments = {now()};
        QUndoStack& stack = document().undoStack();
        while (moments.size() <= 50) {
            const int count = stack.count();
            switch (below(6)) {
                case 0:
                    document().edit(QStringLiteral("weights"), [&](study::StudyDescription& study) {
                        study.weights = {format(formats[below(formats.size())].c_str()),
                                         format("int8")};
                    });
                    break;
                case 1:
                    document().edit(QStringLiteral("array"), [&](study::StudyDescription& study) {
                        study.accelerators.push_back({static_cast<std::int64_t>(4 + below(60)), 8,
                                                      hardware::Dataflow::WeightStationary});
                    });
                    break;
                case 2:
                    document().edit(QStringLiteral("seed"), [&](study::StudyDescription& study) {
                        study.strategy.seed = random();
                    });
                    break;
                case 3:
                    document().edit(QStringLiteral("epochs"), [&](study::StudyDescription& study) {
                        study.fineTuning.epochs = static_cast<std::int64_t>(1 + below(1000));
                    });
                    break;
                default: {
                    const auto& space = document().shown().space;
                    const exploration::Slot slot =
                        space.layerSlots()[below(space.layerSlots().size())];
                    const auto& choices = space.choices(slot);
                    m_window->walkFront(below(2) == 0 ? 1 : -1);
                    editor().setFormat(selected(), slot.layer, slot.side,
                                       choices[below(choices.size())]);
                }
            }
            if (stack.count() > count) {  // else the design had that format already
                moments.push_back(now());
            }
        }
        for (std::size_t i = moments.size() - 1; i > 0; --i) {
            QVERIFY(now() == moments[i]);
            m_window->actions().undo->trigger();
        }
        QVERIFY(now() == moments.front());
        QVERIFY(!document().isModified());
        QVERIFY(!stack.canUndo());
        for (std::size_t i = 1; i < moments.size(); ++i) {
            m_window->actions().redo->trigger();
            QVERIFY(now() == moments[i]);
        }
    }

    void bothSidesOfALayerAreSeenOverTheirNumberLine() {
        m_window->selection().setLayer(2);
        QTRY_VERIFY(page().weights().view().data().axis.label.contains(QStringLiteral("c5")));
        QTRY_VERIFY(page().activations().view().data().axis.label.contains(QStringLiteral("c5")));
        const charts::HistogramData& seen = page().activations().view().data();
        const int bits =
            static_cast<int>(assignmentOf(selected())[2].activations->format.bitsPerValue());
        QCOMPARE(seen.representable.size(), std::size_t{1} << static_cast<unsigned>(bits));
        QVERIFY(seen.representable.front() >= -1e-6);  // a range after a ReLU uses every code
        QVERIFY(page().activations().caption().contains(QLocale().toString(6.02 * bits, 'f', 1) +
                                                        QStringLiteral(" dB")));
    }

    void pinnedDesignsStandSideBySide() {
        const std::int64_t first = selected();
        QTest::keyClick(m_window.get(), Qt::Key_P);
        m_window->walkFront(1);
        m_window->walkFront(1);
        const std::int64_t second = selected();
        QTest::keyClick(m_window.get(), Qt::Key_P);
        page().tabs().setCurrentWidget(&page().comparison());
        const ComparisonModel& model = page().comparison().model();
        QCOMPARE(model.columnCount(), 6);  // name, float, two designs and their differences
        auto* baseline = page().comparison().findChild<QComboBox*>();
        baseline->setCurrentIndex(baseline->findData(QVariant::fromValue(first)));
        Q_EMIT baseline->activated(baseline->currentIndex());
        QCOMPARE(model.columnCount(), 4);
        keepPicture(*m_window, QStringLiteral("design-compare"));
        const auto text = [&model](int row, int column) {
            return model.index(row, column).data().toString();
        };
        int bops = 0;
        while (text(bops, 0) != QStringLiteral("BOPs")) {
            ++bops;
        }
        const double change = evaluation(second).costs.bops / evaluation(first).costs.bops - 1;
        QVERIFY(change > 0);
        QVERIFY2(text(bops, 3).startsWith(QStringLiteral("+%1").arg(int(change * 100))),
                 qPrintable(text(bops, 3)));
        const int rows = model.rowCount();
        int differing = 0;
        int expected = 0;
        for (int layer = 0; layer < 5; ++layer) {
            const auto a = assignmentOf(first)[static_cast<std::size_t>(layer)];
            const auto b = assignmentOf(second)[static_cast<std::size_t>(layer)];
            expected += (a.weights == b.weights ? 0 : 1) + (a.activations == b.activations ? 0 : 1);
            differing += text(rows - 10 + 2 * layer, 3).isEmpty() ? 0 : 1;
            differing += text(rows - 9 + 2 * layer, 3).isEmpty() ? 0 : 1;
        }
        QCOMPARE(differing, expected);
    }

    void fineTuningRunsPausesAndJoinsItsResult() {
        const std::int64_t parent = selected();
        QTest::keyClick(m_window.get(), Qt::Key_T);
        FineTunePanel& panel = page().fineTuning();
        QVERIFY(panel.isVisible());
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QCOMPARE(m_window->training().state(), TrainingJob::State::Running);
        QVERIFY(!document().canStart());  // one writer
        m_world->trainingSteps.release(5);
        QTRY_COMPARE(m_window->training().progress().step, std::int64_t{5});
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QCOMPARE(m_window->training().state(), TrainingJob::State::Paused);
        keepPicture(*m_window, QStringLiteral("fine-tuning"));
        m_world->trainingSteps.release(kTrainingSteps);
        QTest::mouseClick(&panel.startButton(), Qt::LeftButton);
        QSignalSpy done(&m_window->training(), &TrainingJob::fineTuned);
        QVERIFY(done.count() > 0 || done.wait());
        QCOMPARE(selected(), std::int64_t{100000});
        QCOMPARE(evaluation(selected()).parent, parent);
        QCOMPARE(panel.curve().data().curves.at(0).points.size(), std::size_t{kTrainingSteps});
        QCOMPARE(panel.curve().data().curves.at(1).points.size(), std::size_t{2});
        QVERIFY(document().canStart());
        keepPicture(*m_window, QStringLiteral("fine-tuned"));
        m_window->setPage(MainWindow::Explore);
        QCOMPARE(m_window->explorePage().scatter().data().links.size(), std::size_t{1});
    }

    void aStoppedFineTuningLeavesTheDesignsAlone() {
        const std::size_t before = bridge().snapshot()->evaluations.size();
        QTest::keyClick(m_window.get(), Qt::Key_T);
        QTest::mouseClick(&page().fineTuning().startButton(), Qt::LeftButton);
        m_world->trainingSteps.release(3);
        QTRY_COMPARE(m_window->training().progress().step, std::int64_t{3});
        QSignalSpy stopped(&m_window->training(), &TrainingJob::stopped);
        QTest::mouseClick(&page().fineTuning().stopButton(), Qt::LeftButton);
        QVERIFY(stopped.count() > 0 || stopped.wait());
        QCOMPARE(m_window->training().state(), TrainingJob::State::Idle);
        QCOMPARE(bridge().snapshot()->evaluations.size(), before);
        QVERIFY(page().fineTuning().sentence().contains(QStringLiteral("Stopped")));
    }

    void trainingSettingsBelongToTheStudy() {
        QTest::keyClick(m_window.get(), Qt::Key_T);
        auto* epochs = page().fineTuning().findChild<QSpinBox*>();
        epochs->setValue(7);
        QCOMPARE(document().description().fineTuning.epochs, std::int64_t{7});
        QVERIFY(document().isModified());
        m_window->actions().undo->trigger();
        QCOMPARE(epochs->value(), 2);
        QVERIFY(!document().isModified());
    }
};

QTEST_MAIN(TstDesignPage)
#include "tst_design_page.moc"
