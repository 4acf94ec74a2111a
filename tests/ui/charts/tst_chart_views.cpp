// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/histogram_view.h"
#include "ui/charts/parallel_coordinates.h"

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Four designs on three axes, the second logarithmic with a missing value; two on the front.
ParallelSnapshot fourDesigns() {
    auto data = std::make_shared<ParallelData>();
    data->axes = {{QStringLiteral("Accuracy"), QStringLiteral("%"), Better::Higher},
                  {QStringLiteral("BOPs"), {}, Better::Lower, ScaleKind::Logarithmic},
                  {QStringLiteral("Cycles"), {}, Better::Lower}};
    data->ids = {11, 12, 13, 14};
    data->flags = {kFront, kDominated, kFront, kDominated};
    data->values = {{98, 97, 90, 60}, {1e8, 1e7, 1e6, kNan}, {400, 300, 200, 100}};
    return data;
}

void dragFrom(QWidget& widget, QPoint from, QPoint to) {
    QTest::mousePress(&widget, Qt::LeftButton, {}, from);
    QTest::mouseMove(&widget, (from + to) / 2);
    QTest::mouseMove(&widget, to);
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to);
}

}  // namespace

class TstChartViews : public QObject {
    Q_OBJECT

    std::unique_ptr<ParallelCoordinates> m_view;

private Q_SLOTS:
    void init() {
        failOnQtWarnings();
        m_view = std::make_unique<ParallelCoordinates>();
        m_view->resize(800, 400);
        m_view->setData(fourDesigns());
        m_view->setFrontOnly(false);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void cleanup() { m_view.reset(); }

    void frontAloneIsTheDefault() {
        QVERIFY(ParallelCoordinates().frontOnly());
        m_view->setFrontOnly(true);
        QCOMPARE(m_view->kept(), (QList<qint64>{11, 13}));
        m_view->setFrontOnly(false);
        QCOMPARE(m_view->kept(), (QList<qint64>{11, 12, 13, 14}));
    }

    void draggingAlongAnAxisKeepsWhatCrossesThere() {
        QSignalSpy brushed(m_view.get(), &ParallelCoordinates::brushed);
        const QPoint best = m_view->crossing(11, 0)->toPoint();
        const QPoint second = m_view->crossing(12, 0)->toPoint();
        dragFrom(*m_view, second + QPoint(0, 8), best - QPoint(0, 30));
        QCOMPARE(brushed.count(), 1);
        QCOMPARE(brushed.takeFirst().first().value<QList<qint64>>(), (QList<qint64>{11, 12}));
        // Past the low end of a logarithmic axis: its smallest value is inside, the missing is not.
        const QPoint cheap = m_view->crossing(12, 1)->toPoint();
        dragFrom(*m_view, cheap - QPoint(0, 6), QPoint(cheap.x(), m_view->height() - 2));
        QCOMPARE(brushed.takeFirst().first().value<QList<qint64>>(), (QList<qint64>{12}));
        QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, best);  // drops the first range
        QCOMPARE(brushed.takeFirst().first().value<QList<qint64>>(), (QList<qint64>{12, 13}));
        QTest::keyClick(m_view.get(), Qt::Key_Escape);
        QVERIFY(brushed.takeFirst().first().value<QList<qint64>>().isEmpty());
        QCOMPARE(m_view->kept().size(), 4);
    }

    void namesMoveAndTurnAxes() {
        const double left = m_view->crossing(11, 0)->x();
        const double right = m_view->crossing(11, 2)->x();
        dragFrom(*m_view, {int(left), 16}, {int(right), 16});
        QCOMPARE(m_view->order(), (std::vector<int>{1, 2, 0}));
        QCOMPARE(m_view->crossing(11, 0)->x(), right);
        const double high = m_view->crossing(11, 0)->y();
        const double low = m_view->crossing(14, 0)->y();
        QVERIFY(high < low);
        QTest::mouseDClick(m_view.get(), Qt::LeftButton, {}, {int(right), 16});
        QVERIFY(m_view->crossing(11, 0)->y() > m_view->crossing(14, 0)->y());
    }

    void linesAreHoveredAndClicked() {
        QSignalSpy hovered(m_view.get(), &ParallelCoordinates::designHovered);
        QSignalSpy clicked(m_view.get(), &ParallelCoordinates::designClicked);
        const QPointF middle = (*m_view->crossing(13, 1) + *m_view->crossing(13, 2)) / 2;
        QCOMPARE(m_view->designsAt(middle), QList<qint64>{13});
        QTest::mouseMove(m_view->windowHandle(), middle.toPoint());
        QCOMPARE(hovered.count(), 1);
        QCOMPARE(hovered.first().first().value<QList<qint64>>(), QList<qint64>{13});
        QTest::mouseClick(m_view.get(), Qt::LeftButton, {}, middle.toPoint());
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked.first().first().toLongLong(), 13);
    }

    void missingValuesStandBelowTheAxis() {
        const double missing = m_view->crossing(14, 1)->y();
        QVERIFY(missing > m_view->crossing(13, 1)->y() + 5);
        QVERIFY(missing < m_view->height());
    }

    void parallelCoordinatesTakeNothing() {
        ParallelCoordinates empty;
        empty.resize(300, 200);
        empty.setData(std::make_shared<const ParallelData>());
        empty.setData(nullptr);
        empty.setRange(5, std::pair(0.0, 1.0));
        QTest::mouseClick(&empty, Qt::LeftButton, {}, {150, 10});
        QTest::mouseDClick(&empty, Qt::LeftButton, {}, {150, 100});
        QVERIFY(!empty.grab().isNull());
        QVERIFY(empty.designsAt({10, 10}).isEmpty());
    }

    void curvesGrowWithoutJumping() {
        CurveView view;
        const AxisDescription x{QStringLiteral("Evaluations"), {}};
        const AxisDescription y{QStringLiteral("Hypervolume"), {}, Better::Higher};
        view.setData({x, y, {progressCurve(QStringLiteral("random"), {{1, 0.1}, {80, 0.5}})}});
        const AxisScale before = view.xScale();
        view.setData({x, y, {progressCurve(QStringLiteral("random"), {{1, 0.1}, {81, 0.5}})}});
        QCOMPARE(view.xScale(), before);
        view.setData({x, y, {progressCurve(QStringLiteral("random"), {{1, 0.1}, {900, 0.6}})}});
        QVERIFY(view.xScale().high() >= 900);
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("0.6")));
    }

    void progressNeverFalls() {
        const Curve curve = progressCurve({}, {{1, 2}, {2, 1}, {3, 5}, {4, 4}, {5, 4}});
        QCOMPARE(curve.points, (std::vector<QPointF>{{1, 2}, {3, 5}, {5, 5}}));
    }

    void roofBendsWhereBandwidthMeetsThePeak() {
        const Curve roof = rooflineCurve({}, 256, 32, 0.5, 64);
        QCOMPARE(roof.points, (std::vector<QPointF>{{0.5, 16}, {8, 256}, {64, 256}}));
    }

    void numberLineIsDrawnAndDescribed() {
        HistogramView view;
        view.resize(600, 300);
        const std::vector<float> weights = {-3, -1, 0.1F, 1, 1, 2};
        view.setData(histogramOf(weights, {-2, -1, 0, 1, 2},
                                 {.bins = 10, .label = QStringLiteral("w"), .unit = {}}));
        QVERIFY(view.accessibleDescription().startsWith(
            QStringLiteral("5 values from -2 to 2; 16.7\u00a0% clipped")
                .replace(QChar(0x00a0), QLatin1Char(' '))));
        const QImage image = view.grab().toImage();
        const QPoint mark = view.toView(1, 0).toPoint() + QPoint(0, 10);
        double contrast = 0;
        for (const int aside : {-1, 0, 1}) {
            const QColor pixel = image.pixelColor(mark + QPoint(aside, 0));
            contrast = std::max(contrast, contrastRatio(pixel, view.theme().background));
        }
        QVERIFY(contrast > 4.5);
        const QPointF between = view.toView(1.5, 0) + QPointF(0, 10);
        QCOMPARE(image.pixelColor(between.toPoint()), view.theme().background);
    }
};

QTEST_MAIN(TstChartViews)
#include "tst_chart_views.moc"
