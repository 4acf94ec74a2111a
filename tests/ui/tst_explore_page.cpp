// SPDX-License-Identifier: Apache-2.0
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "core/exploration/front.h"
#include "tests/ui/support/fake_backend.h"
#include "tests/ui/support/pictures.h"
#include "tests/ui/support/window_test.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/design_scatter.h"
#include "ui/charts/knee.h"
#include "ui/charts/suggestion.h"
#include "ui/pages/explore_page.h"
#include "ui/panels/constraint_bar.h"
#include "ui/panels/design_tabs.h"
#include "ui/panels/filter_bar.h"
#include "ui/window/actions.h"
#include "ui/window/main_window.h"

using namespace bitloupe;
using namespace bitloupe::ui;
using namespace bitloupe::ui::testing;
using exploration::QuantityId;

/// Constraints, what is kept or put away by hand, and what the window remembers of it.
class TstExplorePage : public QObject {
    Q_OBJECT

    std::shared_ptr<FakeWorld> m_world;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<MainWindow> m_window;

    ExplorePage& page() { return m_window->explorePage(); }
    FilterBar& bar() { return page().filterBar(); }
    const Snapshot& snapshot() { return *m_window->document().bridge().snapshot(); }

    void openWindow() {
        m_window = std::make_unique<MainWindow>(fakeBackend(m_world));
        showWindow(*m_window);
        openStudy(*m_window, m_folder->path());
    }

    void run() {
        runStudy(*m_window);
        QTRY_COMPARE(page().scatter().data().count(), std::size_t{300});
        QTRY_COMPARE(bar().bars().front()->sentence(), QStringLiteral("300 of 300 left"));
    }

    /// How many of the plot's points are flagged.
    std::size_t flagged(charts::PointFlag flag) {
        const charts::ScatterData& data = page().scatter().data();
        std::size_t count = 0;
        for (std::size_t i = 0; i < data.count(); ++i) {
            count += data.is(i, flag) ? 1 : 0;
        }
        return count;
    }

    QToolButton& tool(const QString& text) {
        for (QToolButton* button : page().findChildren<QToolButton*>()) {
            if (button->text() == text) {
                return *button;
            }
        }
        qFatal("no such tool");
    }

    /// A rectangle with the brush around a design: what it holds.
    std::vector<std::int64_t> brushAround(std::int64_t design) {
        charts::DesignScatter& scatter = page().scatter();
        const QPoint centre = scatter.positionOf(design)->toPoint();
        QSignalSpy brushed(&scatter, &charts::DesignScatter::brushed);
        const QPoint corner(40, 30);
        QTest::mousePress(scatter.viewport(), Qt::LeftButton, Qt::NoModifier, centre - corner);
        QTest::mouseMove(scatter.viewport(), centre);
        QTest::mouseMove(scatter.viewport(), centre + corner);
        QTest::mouseRelease(scatter.viewport(), Qt::LeftButton, Qt::NoModifier, centre + corner);
        const auto ids = brushed.takeLast().at(0).value<QList<qint64>>();
        return {ids.begin(), ids.end()};
    }

private Q_SLOTS:
    void initTestCase() { prepareWindowTests(QStringLiteral("tst_explore_page")); }

    void init() {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        m_world = std::make_shared<FakeWorld>();
        openWindow();
    }

    void cleanup() {
        m_window.reset();
        QCOMPARE(takeQtWarnings(), QStringList());
    }

    void theFrontsGrowthIsTheVolumeThatTheCoreMeasures() {
        run();
        auto& tabs = *page().findChild<DesignTabs*>();
        auto* growth = findNamed<charts::CurveView>(*m_window, tr("Growth of the front"));
        QVERIFY(growth);
        tabs.setCurrentWidget(growth);
        const auto last = [&] { return growth->data().curves.at(0).points.back(); };
        const auto volume = [](const Snapshot& study) {
            std::vector<exploration::Evaluation> front;
            for (const std::size_t position : study.front) {
                front.push_back(study.evaluations[position]);
            }
            return exploration::hypervolume(front, study.objectives, study.volumeReference);
        };
        const std::vector<double>& corner = snapshot().volumeReference;
        QCOMPARE(corner,
                 exploration::referencePoint(snapshot().objectives, snapshot().reference,
                                             m_window->document().shown().session->network->layers,
                                             m_window->document().shown().space.accelerators()));
        QTRY_COMPARE(last().x(), 300.0);
        const double expected = volume(snapshot()) / ((1 - corner[0]) * corner[1]) * 100;
        QVERIFY(expected > 1);
        QVERIFY(std::fabs(last().y() - expected) < 1e-9 * expected);

        // A metric where less is better: up to ten times the float network's.
        auto errors = std::make_shared<Snapshot>(snapshot());
        ++errors->generation;
        errors->objectives = {QuantityId::Perplexity, QuantityId::Bops};
        errors->volumeReference = {10 * snapshot().reference->metric, corner[1]};
        std::vector<exploration::Evaluation> all;
        for (std::size_t i = 0; i < errors->evaluations.size(); ++i) {
            all.push_back(errors->evaluations[i]);
        }
        errors->front = exploration::paretoFront(all, errors->objectives);
        tabs.setSnapshot(errors);
        const double share = volume(*errors) / (errors->volumeReference[0] * corner[1]) * 100;
        QVERIFY(share > 1);
        QVERIFY(std::fabs(last().y() - share) < 1e-9 * share);
    }

    void fiveFiltersAreUndoneOneByOne() {
        run();
        FilterHistory& filters = page().filters();
        std::vector<DesignFilter> moments = {filters.filter()};
        const std::size_t count = snapshot().evaluations.size();

        auto* slider = bar().bars().front()->findChild<QSlider*>();
        slider->setFocus();
        for (int i = 0; i < 8; ++i) {
            QTest::keyClick(slider, Qt::Key_PageUp);
        }
        moments.push_back(filters.filter());
        const double least = *filters.filter().limitOf(QuantityId::Accuracy);
        std::size_t below = 0;
        for (std::size_t i = 0; i < count; ++i) {
            below += snapshot().evaluations[i].measured.metric < least ? 1 : 0;
        }
        QVERIFY(below > 0 && below < count);
        QCOMPARE(flagged(charts::kInfeasible), below);

        filters.setLimit(QuantityId::Bops, 20e6);
        moments.push_back(filters.filter());
        QCOMPARE(bar().bars().size(), std::size_t{2});  // it got a slider of its own
        std::size_t meeting = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const exploration::Evaluation& each = snapshot().evaluations[i];
            meeting += each.measured.metric >= least && each.costs.bops <= 20e6 ? 1 : 0;
        }
        QCOMPARE(flagged(charts::kInfeasible), count - meeting);
        QVERIFY2(
            bar().sentence().startsWith(QStringLiteral("%1 of %2 designs").arg(meeting).arg(count)),
            qPrintable(bar().sentence()));

        QTest::mouseClick(&tool(QStringLiteral("Brush")), Qt::LeftButton);
        const std::int64_t front = snapshot().evaluations[snapshot().front.front()].id;
        const std::vector<std::int64_t> brushed = brushAround(front);
        QVERIFY(!brushed.empty() && brushed.size() < count);
        keepPicture(*m_window, QStringLiteral("brushed"));
        QTest::mouseClick(&bar().keepButton(), Qt::LeftButton);
        moments.push_back(filters.filter());
        QCOMPARE(flagged(charts::kHidden), count - brushed.size());

        bar().setBrushed({brushed.front()});
        QTest::mouseClick(&bar().excludeButton(), Qt::LeftButton);
        moments.push_back(filters.filter());
        QCOMPARE(flagged(charts::kHidden), count - brushed.size() + 1);
        QTest::mouseClick(&bar().restoreButton(), Qt::LeftButton);
        moments.push_back(filters.filter());
        QVERIFY(filters.filter().isEmpty());
        QCOMPARE(flagged(charts::kHidden), std::size_t{0});
        QCOMPARE(flagged(charts::kInfeasible), std::size_t{0});

        for (std::size_t i = moments.size() - 1; i > 0; --i) {
            QVERIFY(filters.filter() == moments[i]);
            m_window->actions().undo->trigger();
        }
        QVERIFY(filters.filter() == moments.front());
        QVERIFY(!m_window->document().isModified());
    }

    void aConstraintNobodyMeetsIsSaid() {
        run();
        page().filters().setLimit(QuantityId::Bops, 1);
        QVERIFY2(bar().sentence().startsWith(QStringLiteral("No design")),
                 qPrintable(bar().sentence()));
    }

    void filtersAreTextAndBack() {
        DesignFilter filter;
        filter.limits = {{QuantityId::Accuracy, 0.1 + 0.2}, {QuantityId::Cycles, 1e9}};
        filter.kept = std::vector<std::int64_t>{1, 5, 9};
        filter.excluded = {5};
        QVERIFY(DesignFilter::fromText(filter.toText()) == filter);
        QVERIFY(DesignFilter::fromText(DesignFilter().toText()) == DesignFilter());
        QVERIFY(!DesignFilter::fromText(QStringLiteral("no filter")).has_value());
    }

    void theWindowComesBackAsItWasLeft() {
        run();
        m_window->walkFront(1);
        m_window->walkFront(1);
        const std::int64_t design = m_window->selection().design();
        QTest::keyClick(m_window.get(), Qt::Key_P);
        page().filters().setLimit(QuantityId::Bops, 20e6);
        const DesignFilter filter = page().filters().filter();
        m_window->setPage(MainWindow::Design);
        m_window->resize(1250, 850);
        for (std::size_t i = 0; i < snapshot().evaluations.size(); ++i) {
            m_world->known.evaluations.push_back(snapshot().evaluations[i]);
        }
        m_world->known.reference = snapshot().reference;
        QFile results(m_window->document().resultsPath());
        QVERIFY(results.open(QIODevice::WriteOnly));  // it exists: the fake world reads it
        results.close();
        QVERIFY(m_window->close());
        m_window.reset();

        openWindow();
        QCOMPARE(m_window->currentPage(), static_cast<int>(MainWindow::Design));
        QCOMPARE(m_window->selection().design(), design);
        QCOMPARE(m_window->selection().pinned(), std::vector<std::int64_t>{design});
        QVERIFY(page().filters().filter() == filter);
        QCOMPARE(bar().bars().size(), std::size_t{2});
        m_window->setPage(MainWindow::Explore);
        QVERIFY(flagged(charts::kInfeasible) > 0);
    }

    void theKneeIsTheFarthestFromTheChord() {
        charts::ScatterData data;
        data.xAxis.better = charts::Better::Lower;
        data.yAxis.better = charts::Better::Higher;
        const auto add = [&data](double x, double y) {
            data.ids.push_back(static_cast<qint64>(data.ids.size()) + 1);
            data.x.push_back(x);
            data.y.push_back(y);
            data.flags.push_back(charts::kFront);
        };
        QVERIFY(!charts::kneeOf(data));
        add(0, 0);
        add(100, 10);
        QVERIFY(!charts::kneeOf(data));  // two points are their own chord
        // y = sqrt(x) * 1: scaled, v - u is largest where sqrt(u) - u is: at u = 1/4.
        for (const double x : {9.0, 16.0, 25.0, 36.0, 64.0}) {
            add(x, std::sqrt(x));
        }
        QCOMPARE(data.x[charts::kneeOf(data).value()], 25.0);
        data.flags[4] |= charts::kHidden;
        QVERIFY(data.x[charts::kneeOf(data).value()] != 25.0);
        // The same turned over: costs downwards, losses downwards.
        charts::ScatterData falling = data;
        falling.flags[4] = charts::kFront;
        falling.yAxis.better = charts::Better::Lower;
        for (double& y : falling.y) {
            y = 10 - y;
        }
        QCOMPARE(falling.x[charts::kneeOf(falling).value()], 25.0);
        charts::ScatterData flat = data;
        std::fill(flat.y.begin(), flat.y.end(), 1.0);
        QVERIFY(!charts::kneeOf(flat));
        charts::ScatterData straight = data;
        straight.y = straight.x;
        QVERIFY(!charts::kneeOf(straight));
    }

    void suggestionsAreTheBestOfWhatIsLeft() {
        charts::ScatterData data;
        data.xAxis.better = charts::Better::Lower;
        data.yAxis.better = charts::Better::Higher;
        QVERIFY(!charts::suggestedPoint(data, charts::Suggestion::BestVertical));
        for (const auto& [x, y] : {std::pair{5.0, 0.9}, {4.0, 0.9}, {1.0, 0.2}, {1.0, 0.3}}) {
            data.ids.push_back(static_cast<qint64>(data.ids.size()) + 1);
            data.x.push_back(x);
            data.y.push_back(y);
            data.flags.push_back(charts::kFront);
        }
        const auto best = [&data](charts::Suggestion suggestion) {
            return charts::suggestedPoint(data, suggestion).value();
        };
        QCOMPARE(best(charts::Suggestion::BestVertical), std::size_t{1});  // as good, and cheaper
        QCOMPARE(best(charts::Suggestion::BestHorizontal), std::size_t{3});
        data.flags[1] |= charts::kInfeasible;
        data.flags[3] |= charts::kHidden;
        QCOMPARE(best(charts::Suggestion::BestVertical), std::size_t{0});
        QCOMPARE(best(charts::Suggestion::BestHorizontal), std::size_t{2});
        data.xAxis.better = charts::Better::Neither;
        QVERIFY(!charts::suggestedPoint(data, charts::Suggestion::BestHorizontal));
    }

    void aSuggestionIsNamedInThePlotAndSelected() {
        run();
        QMenu& menu = *tool(QStringLiteral("Suggest")).menu();
        const auto choose = [&menu](int entry) {
            Q_EMIT menu.aboutToShow();
            QVERIFY(menu.actions().at(entry)->isEnabled());
            menu.actions().at(entry)->trigger();
        };
        const auto data = [this]() -> const charts::ScatterData& {
            return page().scatter().data();
        };
        choose(0);
        QCOMPARE(data().notes.size(), std::size_t{1});
        QCOMPARE(data().notes[0].id, data().ids[charts::kneeOf(data()).value()]);
        keepPicture(*m_window, QStringLiteral("knee"));
        choose(1);
        QCOMPARE(data().notes.size(), std::size_t{1});
        const std::size_t best =
            charts::suggestedPoint(data(), charts::Suggestion::BestVertical).value();
        QCOMPARE(data().y[best], *std::max_element(data().y.begin(), data().y.end()));
        QCOMPARE(data().notes[0].id, data().ids[best]);
        QCOMPARE(m_window->selection().design(), data().notes[0].id);
        choose(1);  // the same again takes it away
        QVERIFY(data().notes.empty());
    }

    void preparingTheNetworkBeginsAnotherResultsFile() {
        run();
        StudyDocument& document = m_window->document();
        const QString results = document.resultsPath();
        document.edit(QStringLiteral("preparation"), [](study::StudyDescription& study) {
            study.preparations = {{quantization::Preparation::Kind::Equalize}};
        });
        QVERIFY(document.resultsPath() != results);
        QCOMPARE(snapshot().evaluations.size(), std::size_t{300});  // still there to be looked at
        m_window->actions().undo->trigger();
        QCOMPARE(document.resultsPath(), results);
        QVERIFY(!document.isModified());
    }
};

QTEST_MAIN(TstExplorePage)
#include "tst_explore_page.moc"
