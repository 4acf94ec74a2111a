// SPDX-License-Identifier: Apache-2.0
#include <QtGui/QWheelEvent>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QStyle>

#include <algorithm>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/design_scatter.h"

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

void wheel(DesignScatter& scatter, QPointF position, int notches) {
    QWheelEvent event(position, scatter.viewport()->mapToGlobal(position), {},
                      QPoint(0, 120 * notches), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(scatter.viewport(), &event);
}

void drag(DesignScatter& scatter, QPoint from, QPoint to,
          Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::mousePress(scatter.viewport(), Qt::LeftButton, modifiers, from);
    for (const QPoint& place : {(from * 2 + to) / 3, (from + to * 2) / 3, to}) {
        QMouseEvent move(QEvent::MouseMove, place, scatter.viewport()->mapToGlobal(place),
                         Qt::NoButton, Qt::LeftButton, modifiers);
        QApplication::sendEvent(scatter.viewport(), &move);
    }
    QTest::mouseRelease(scatter.viewport(), Qt::LeftButton, modifiers, to);
}

/// The window system's own way, on Qt 6.4 and later alike.
void moveTo(DesignScatter& scatter, QPointF position) {
    QTest::mouseMove(scatter.windowHandle(),
                     scatter.viewport()->mapTo(&scatter, position.toPoint()));
}

/// A design that lies alone: nothing else within reach.
qint64 loneDesign(const DesignScatter& scatter) {
    for (const qint64 id : scatter.data().ids) {
        const std::optional<QPointF> place = scatter.positionOf(id);
        if (place.has_value() && scatter.designsAt(place->toPoint()) == QList<qint64>{id}) {
            return id;
        }
    }
    return -1;
}

QPoint emptyPlace(const DesignScatter& scatter) {
    return scatter.plotArea().bottomRight().toPoint() - QPoint(12, 12);
}

}  // namespace

class TstDesignScatter : public QObject {
    Q_OBJECT

    std::unique_ptr<DesignScatter> m_scatter;
    std::shared_ptr<ScatterData> m_data;

private Q_SLOTS:
    void init() {
        failOnQtWarnings();
        m_data = randomDesigns(400);
        m_scatter = std::make_unique<DesignScatter>();
        m_scatter->resize(900, 600);
        m_scatter->setData(m_data);
        m_scatter->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_scatter.get()));
        m_scatter->grab();
    }
    void cleanup() { m_scatter.reset(); }

    void batchDrawsOnlyItsOwnDots() {
        DesignScatter scatter;
        const auto all = randomDesigns(5000);
        scatter.resize(900, 600);
        scatter.setData(firstOf(*all, 4000));
        scatter.grab();
        const qint64 first = scatter.dotsDrawn();
        QCOMPARE(first, 4000);
        scatter.grab();
        QCOMPARE(scatter.dotsDrawn(), first);  // nothing new
        const AxisScale x = scatter.xScale();
        scatter.setData(firstOf(*all, 4100));
        scatter.grab();
        QCOMPARE(scatter.xScale(), x);
        QCOMPARE(scatter.dotsDrawn(), first + 100);
        auto pinned = firstOf(*all, 4100);
        pinned->flags[5] |= kPinned | kFront;
        scatter.setData(pinned);
        scatter.setSelected(7);
        scatter.grab();
        QCOMPARE(scatter.dotsDrawn(), first + 100);  // marks lie above the settled dots
        auto greyed = std::make_shared<ScatterData>(*pinned);
        greyed->flags[9] |= kInfeasible;
        scatter.setData(greyed);
        scatter.grab();
        QCOMPARE(scatter.dotsDrawn(), first + 100 + 4100);
    }

    void newDotsFadeInAndThenSettle() {
        const auto all = randomDesigns(2000);
        m_scatter->setFading(true);
        m_scatter->setData(firstOf(*all, 400));
        m_scatter->grab();
        const qint64 before = m_scatter->dotsDrawn();
        m_scatter->setData(firstOf(*all, 420));
        m_scatter->grab();
        if (m_scatter->style()->styleHint(QStyle::SH_Widget_Animation_Duration) == 0) {
            QSKIP("this style moves nothing");
        }
        const bool settledAtOnce = m_scatter->dotsDrawn() != before;
        QVERIFY(!settledAtOnce);  // drawn above the others while they fade
        QTRY_COMPARE(m_scatter->dotsDrawn(), before + 20);
        const QImage faded = m_scatter->grab().toImage();
        m_scatter->setFading(false);
        m_scatter->setData(std::make_shared<ScatterData>());
        m_scatter->setData(firstOf(*all, 420));
        QCOMPARE(m_scatter->grab().toImage(), faded);
        m_scatter->setFading(true);
        const qint64 whole = m_scatter->dotsDrawn();
        m_scatter->setData(all);  // too many to be news
        m_scatter->grab();
        QCOMPARE(m_scatter->dotsDrawn(), whole + 1580);
    }

    void addedDotsLookLikeDrawnAtOnce() {
        const auto all = randomDesigns(1000);
        DesignScatter atOnce;
        DesignScatter inBatches;
        for (DesignScatter* scatter : {&atOnce, &inBatches}) {
            scatter->resize(700, 500);
        }
        atOnce.setData(all);
        for (std::size_t count = 250; count <= 1000; count += 250) {
            inBatches.setData(firstOf(*all, count));
            inBatches.grab();
        }
        inBatches.resetView();
        QCOMPARE(inBatches.xScale(), atOnce.xScale());
        QCOMPARE(inBatches.grab().toImage(), atOnce.grab().toImage());
    }

    void axesStandStillUntilAPointLeaves() {
        const AxisScale x = m_scatter->xScale();
        const AxisScale y = m_scatter->yScale();
        auto inside = std::make_shared<ScatterData>(*m_data);
        const auto add = [&inside](double cost, double accuracy) {
            inside->ids.push_back(qint64(inside->ids.size() + 1));
            inside->x.push_back(cost);
            inside->y.push_back(accuracy);
            inside->flags.push_back(kDominated);
        };
        add(2e6, 60);
        m_scatter->setData(inside);
        QCOMPARE(m_scatter->xScale(), x);
        inside = std::make_shared<ScatterData>(*inside);
        add(7e9, 60);
        m_scatter->setData(inside);
        QVERIFY(m_scatter->xScale().high() >= 7e9);
        QCOMPARE(m_scatter->xScale().low(), x.low());
        QCOMPARE(m_scatter->yScale(), y);
        // What the user zoomed to is his.
        wheel(*m_scatter, m_scatter->plotArea().center(), 3);
        const AxisScale zoomed = m_scatter->xScale();
        inside = std::make_shared<ScatterData>(*inside);
        add(9e12, 60);
        m_scatter->setData(inside);
        QCOMPARE(m_scatter->xScale(), zoomed);
        QTest::mouseDClick(m_scatter->viewport(), Qt::LeftButton, {}, emptyPlace(*m_scatter));
        QVERIFY(m_scatter->xScale().high() >= 9e12);
    }

    void aDistantFloatNetworkLeavesTheDesignsTheirRoom() {
        auto far = std::make_shared<ScatterData>(*m_data);
        const double most = *std::max_element(far->x.begin(), far->x.end());
        far->reference = QPointF(most * 1e6, far->y.front());
        DesignScatter scatter;
        scatter.resize(900, 600);
        scatter.setData(far);
        QVERIFY(scatter.xScale().high() < most * 1e3);
        scatter.resetView();
        QVERIFY(scatter.xScale().high() >= most * 1e6);

        auto near = std::make_shared<ScatterData>(*m_data);
        near->reference = QPointF(most * 1.05, near->y.front());
        DesignScatter other;
        other.resize(900, 600);
        other.setData(near);
        QVERIFY(other.xScale().high() >= most * 1.05);
    }

    void hoverListsEveryDesignUnderTheCursor() {
        auto doubled = std::make_shared<ScatterData>(*m_data);
        const qint64 id = loneDesign(*m_scatter);
        QVERIFY(id > 0);
        const auto point = std::size_t(id - 1);
        for (int copy = 0; copy < 2; ++copy) {
            doubled->ids.push_back(1000 + copy);
            doubled->x.push_back(doubled->x[point]);
            doubled->y.push_back(doubled->y[point]);
            doubled->flags.push_back(kDominated);
        }
        m_scatter->setData(doubled);
        m_scatter->grab();
        moveTo(*m_scatter, emptyPlace(*m_scatter));
        QSignalSpy hovered(m_scatter.get(), &DesignScatter::designHovered);
        moveTo(*m_scatter, *m_scatter->positionOf(id));
        QTRY_COMPARE(hovered.count(), 1);
        const auto ids = hovered.takeFirst().first().value<QList<qint64>>();
        QCOMPARE(ids, (QList<qint64>{id, 1000, 1001}));
        moveTo(*m_scatter, emptyPlace(*m_scatter));
        QTRY_COMPARE(hovered.count(), 1);
        QVERIFY(hovered.first().first().value<QList<qint64>>().isEmpty());
    }

    void everyDesignIsFoundWhereItIsDrawn() {
        for (const qint64 id : m_data->ids) {
            QVERIFY(m_scatter->designsAt(*m_scatter->positionOf(id)).contains(id));
        }
        QVERIFY(!m_scatter->positionOf(99999).has_value());
    }

    void clickSelectsAndLeavesTheView() {
        QSignalSpy clicked(m_scatter.get(), &DesignScatter::designClicked);
        QSignalSpy background(m_scatter.get(), &DesignScatter::backgroundClicked);
        const AxisScale x = m_scatter->xScale();
        const qint64 id = loneDesign(*m_scatter);
        QTest::mouseClick(m_scatter->viewport(), Qt::LeftButton, {},
                          m_scatter->positionOf(id)->toPoint());
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first().first().toLongLong(), id);
        QCOMPARE(m_scatter->xScale(), x);
        QTest::mouseClick(m_scatter->viewport(), Qt::LeftButton, {}, emptyPlace(*m_scatter));
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(background.count(), 1);
    }

    void doubleClickOpensADesign() {
        QSignalSpy activated(m_scatter.get(), &DesignScatter::designActivated);
        const qint64 id = loneDesign(*m_scatter);
        QTest::mouseDClick(m_scatter->viewport(), Qt::LeftButton, {},
                           m_scatter->positionOf(id)->toPoint());
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.first().first().toLongLong(), id);
    }

    void selectionIsDrawnAsARing() {
        const qint64 id = loneDesign(*m_scatter);
        const QPoint place = m_scatter->positionOf(id)->toPoint();
        const QRect around(place - QPoint(14, 14), QSize(29, 29));
        const QImage before = m_scatter->grab().toImage().copy(around);
        m_scatter->setSelected(id);
        QVERIFY(m_scatter->grab().toImage().copy(around) != before);
        m_scatter->setSelected(std::nullopt);
        QCOMPARE(m_scatter->grab().toImage().copy(around), before);
    }

    void wheelZoomsAboutTheCursor() {
        const QPointF cursor = m_scatter->plotArea().topLeft() + QPointF(200, 120);
        const auto valueUnder = [&] {
            const QRectF area = m_scatter->plotArea();
            return m_scatter->xScale().fromUnit((cursor.x() - area.left()) / area.width());
        };
        const double before = valueUnder();
        const double span = m_scatter->xScale().high() / m_scatter->xScale().low();
        wheel(*m_scatter, cursor, 2);
        m_scatter->grab();
        QVERIFY(m_scatter->xScale().high() / m_scatter->xScale().low() < span);
        // The frame moves by a few pixels when the labels become wider.
        QVERIFY(std::abs(std::log10(valueUnder() / before)) < 0.02);
        QTest::keyClick(m_scatter.get(), Qt::Key_0);
        QCOMPARE(m_scatter->xScale().high() / m_scatter->xScale().low(), span);
    }

    void dragMovesTheView() {
        const AxisScale before = m_scatter->yScale();
        const QPoint start = emptyPlace(*m_scatter) - QPoint(100, 100);
        drag(*m_scatter, start, start + QPoint(0, 60));
        QVERIFY(m_scatter->yScale().high() > before.high());
        QVERIFY(m_scatter->yScale().low() > before.low());
    }

    void brushReportsExactlyWhatLiesInside() {
        QSignalSpy brushed(m_scatter.get(), &DesignScatter::brushed);
        const QPoint from = m_scatter->plotArea().topLeft().toPoint() + QPoint(150, 20);
        const QPoint to = from + QPoint(260, 170);
        drag(*m_scatter, from, to, Qt::ShiftModifier);
        QCOMPARE(brushed.count(), 1);
        auto ids = brushed.takeFirst().first().value<QList<qint64>>();
        std::sort(ids.begin(), ids.end());
        QList<qint64> expected;
        for (const qint64 id : m_data->ids) {
            if (QRectF(from, to).contains(*m_scatter->positionOf(id))) {
                expected << id;
            }
        }
        QVERIFY(!expected.isEmpty());
        QCOMPARE(ids, expected);
        QTest::keyClick(m_scatter.get(), Qt::Key_Escape);
        QCOMPARE(brushed.count(), 1);
        QVERIFY(brushed.first().first().value<QList<qint64>>().isEmpty());
    }

    void brushToolSwapsDraggingAndBrushing() {
        m_scatter->setTool(DesignScatter::Tool::Brush);
        QSignalSpy brushed(m_scatter.get(), &DesignScatter::brushed);
        const AxisScale before = m_scatter->xScale();
        const QPoint from = m_scatter->plotArea().center().toPoint();
        drag(*m_scatter, from, from + QPoint(60, 60));
        QCOMPARE(brushed.count(), 1);
        QCOMPARE(m_scatter->xScale(), before);
        drag(*m_scatter, from, from + QPoint(60, 60), Qt::ShiftModifier);
        QCOMPARE(brushed.count(), 1);
        QVERIFY(!(m_scatter->xScale() == before));
    }

    void arrowsWalkAlongTheFront() {
        QSignalSpy hovered(m_scatter.get(), &DesignScatter::designHovered);
        QSignalSpy clicked(m_scatter.get(), &DesignScatter::designClicked);
        std::vector<std::pair<double, qint64>> front;
        for (std::size_t point = 0; point < m_data->count(); ++point) {
            if (m_data->is(point, kFront)) {
                front.emplace_back(m_data->x[point], m_data->ids[point]);
            }
        }
        std::sort(front.begin(), front.end());
        QVERIFY(front.size() > 3);
        const auto lastHovered = [&hovered] {
            return hovered.last().first().value<QList<qint64>>();
        };
        for (std::size_t step = 0; step < front.size() + 2; ++step) {
            QTest::keyClick(m_scatter.get(), Qt::Key_Right);
            const std::size_t place = std::min(step, front.size() - 1);
            QCOMPARE(lastHovered(), QList<qint64>{front[place].second});
        }
        QTest::keyClick(m_scatter.get(), Qt::Key_Left);
        QCOMPARE(lastHovered(), QList<qint64>{front[front.size() - 2].second});
        QTest::keyClick(m_scatter.get(), Qt::Key_Home);
        QCOMPARE(lastHovered(), QList<qint64>{front.front().second});
        QTest::keyClick(m_scatter.get(), Qt::Key_Return);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first().first().toLongLong(), front.front().second);
    }

    void clickOnAnAxisAsksForItsMenu() {
        QSignalSpy asked(m_scatter.get(), &PlotView::axisMenuRequested);
        const QRectF area = m_scatter->plotArea();
        QTest::mouseClick(m_scatter->viewport(), Qt::LeftButton, {},
                          QPoint(int(area.center().x()), m_scatter->height() - 6));
        QTest::mouseClick(m_scatter->viewport(), Qt::LeftButton, {},
                          QPoint(6, int(area.center().y())));
        QCOMPARE(asked.count(), 2);
        QCOMPARE(asked[0].first().value<Qt::Orientation>(), Qt::Horizontal);
        QCOMPARE(asked[1].first().value<Qt::Orientation>(), Qt::Vertical);
    }

    void hiddenAndImpossibleDesignsAreNeitherDrawnNorFound() {
        const qint64 id = loneDesign(*m_scatter);
        const QPointF place = *m_scatter->positionOf(id);
        auto filtered = std::make_shared<ScatterData>(*m_data);
        filtered->flags[std::size_t(id - 1)] = kHidden;
        const auto next = std::size_t(id);  // the three after it
        filtered->x[next] = 0;              // no place on a logarithmic axis
        filtered->y[next + 1] = std::numeric_limits<double>::quiet_NaN();
        filtered->x[next + 2] = std::numeric_limits<double>::infinity();
        DesignScatter scatter;
        scatter.resize(900, 600);
        scatter.setData(filtered);
        scatter.grab();
        QCOMPARE(scatter.dotsDrawn(), qint64(m_data->count()) - 4);
        m_scatter->setData(filtered);
        QVERIFY(m_scatter->designsAt(place).isEmpty());
        // Broken snapshots change nothing.
        auto broken = std::make_shared<ScatterData>(*m_data);
        broken->y.pop_back();
        m_scatter->setData(broken);
        m_scatter->setData(nullptr);
        QCOMPARE(m_scatter->data().count(), filtered->count());
    }

    void coloursFollowThePalette() {
        QVERIFY(!m_scatter->theme().dark);
        QPalette palette;
        palette.setColor(QPalette::Base, QColor(0x1e1f22));
        palette.setColor(QPalette::Text, QColor(0xe6e6e9));
        m_scatter->setPalette(palette);
        QVERIFY(m_scatter->theme().dark);
        QCOMPARE(m_scatter->grab().toImage().pixelColor(2, 2), QColor(0x1e1f22));
    }

    void frontIsDrawnInItsColourAndShape() {
        const std::vector<std::size_t> front = frontByX(*m_data);
        const QImage image = m_scatter->grab().toImage();
        const QPointF place = *m_scatter->positionOf(m_data->ids[front.front()]);
        QCOMPARE(image.pixelColor(place.toPoint()), m_scatter->theme().front);
    }

    void assistiveTechnologyHearsASummary() {
        QCOMPARE(m_scatter->accessibleName(), QStringLiteral("Designs: Accuracy against BOPs"));
        QCOMPARE(m_scatter->accessibleDescription(), m_scatter->summary());
        QVERIFY(m_scatter->summary().startsWith(QStringLiteral("400 designs, ")));
    }

    void anEmptyScatterTakesEverything() {
        DesignScatter scatter;
        scatter.show();
        QVERIFY(QTest::qWaitForWindowExposed(&scatter));
        for (const Qt::Key key : {Qt::Key_Right, Qt::Key_End, Qt::Key_Return, Qt::Key_Escape,
                                  Qt::Key_Plus, Qt::Key_Minus, Qt::Key_0}) {
            QTest::keyClick(&scatter, key);
        }
        wheel(scatter, {100, 100}, 5);
        scatter.zoomToFront();
        drag(scatter, {100, 100}, {180, 160}, Qt::ShiftModifier);
        QTest::mouseDClick(scatter.viewport(), Qt::LeftButton, {}, {150, 150});
        QVERIFY(!scatter.grab().isNull());
        QCOMPARE(scatter.summary(), QStringLiteral("No designs yet."));
    }
};

QTEST_MAIN(TstDesignScatter)
#include "tst_design_scatter.moc"
