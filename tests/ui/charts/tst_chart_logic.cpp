// SPDX-License-Identifier: Apache-2.0
#include <QtGui/QPalette>
#include <QtTest/QTest>

#include <algorithm>

#include "tests/ui/charts/chart_fixtures.h"
#include "ui/charts/axis_scale.h"
#include "ui/charts/colours.h"
#include "ui/charts/csv.h"
#include "ui/charts/histogram_view.h"
#include "ui/charts/point_index.h"
#include "ui/charts/scatter_data.h"

using namespace bitloupe::charts;   // NOLINT(google-build-using-namespace)
using namespace bitloupe::testing;  // NOLINT(google-build-using-namespace)

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

AxisDescription accuracy() {
    return {
        QStringLiteral("Accuracy"), QStringLiteral("%"), Better::Higher, ScaleKind::Linear, 0, 100};
}

AxisDescription cost() {
    return {QStringLiteral("BOPs"), {}, Better::Lower, ScaleKind::Logarithmic};
}

double luminance(QRgb colour) {
    const auto linear = [](int channel) {
        const double share = channel / 255.0;
        return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(qRed(colour)) + 0.7152 * linear(qGreen(colour)) +
           0.0722 * linear(qBlue(colour));
}

/// Two points of a scatter, by their values.
ScatterData twoPoints(double x1, double y1, double x2, double y2) {
    ScatterData data;
    data.xAxis = cost();
    data.yAxis = accuracy();
    data.ids = {1, 2};
    data.x = {x1, x2};
    data.y = {y1, y2};
    data.flags = {kFront, kFront};
    return data;
}

}  // namespace

class TstChartLogic : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void scalesMapThereAndBack() {
        const AxisScale linear(ScaleKind::Linear, -2, 6);
        QCOMPARE(linear.toUnit(-2), 0.0);
        QCOMPARE(linear.toUnit(6), 1.0);
        QCOMPARE(linear.fromUnit(0.25), 0.0);
        const AxisScale logarithmic(ScaleKind::Logarithmic, 1, 10000);
        QCOMPARE(logarithmic.toUnit(100), 0.5);
        QCOMPARE(logarithmic.fromUnit(0.75), 1000.0);
        QVERIFY(std::isnan(logarithmic.toUnit(0)));
        QVERIFY(std::isnan(logarithmic.toUnit(-5)));
        QVERIFY(std::isnan(linear.toUnit(kNan)));
    }

    void ticksAreRoundInsideAndDifferent_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        const int linear = int(ScaleKind::Linear);
        const int logarithmic = int(ScaleKind::Logarithmic);
        QTest::newRow("share") << linear << 0.0 << 100.0;
        QTest::newRow("narrow") << linear << 98.71 << 98.93;
        QTest::newRow("negative") << linear << -0.4 << 0.4;
        QTest::newRow("tiny") << linear << 1e-7 << 9e-7;
        QTest::newRow("large") << linear << 0.0 << 3.2e9;
        QTest::newRow("two decades") << logarithmic << 1e6 << 1.6e8;
        QTest::newRow("many decades") << logarithmic << 1e-9 << 1e3;
        QTest::newRow("within a decade") << logarithmic << 3e6 << 4e6;
    }
    void ticksAreRoundInsideAndDifferent() {
        QFETCH(const int, kind);
        QFETCH(const double, low);
        QFETCH(const double, high);
        const std::vector<Tick> ticks = AxisScale(ScaleKind(kind), low, high).ticks(6);
        QVERIFY(ticks.size() >= 2);
        QVERIFY(ticks.size() <= 13);
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            QVERIFY(ticks[i].value >= low - 1e-6 * std::abs(low));
            QVERIFY(ticks[i].value <= high + 1e-6 * std::abs(high));
            if (i > 0) {
                QVERIFY(ticks[i].value > ticks[i - 1].value);
                QVERIFY2(ticks[i].label != ticks[i - 1].label, qPrintable(ticks[i].label));
            }
        }
    }

    void ticksSayWhatPeopleExpect() {
        const QLocale english(QLocale::English);
        QStringList labels;
        for (const Tick& tick : AxisScale(ScaleKind::Logarithmic, 1e6, 1e8).ticks(8, english)) {
            labels << tick.label;
        }
        const QStringList expected = {QStringLiteral("1\u00a0M"),  QStringLiteral("2\u00a0M"),
                                      QStringLiteral("5\u00a0M"),  QStringLiteral("10\u00a0M"),
                                      QStringLiteral("20\u00a0M"), QStringLiteral("50\u00a0M"),
                                      QStringLiteral("100\u00a0M")};
        QCOMPARE(labels, expected);
        QCOMPARE(readableNumber(21904, english), QStringLiteral("21,904"));
        QCOMPARE(readableNumber(3.1e6, english), QStringLiteral("3.1\u00a0M"));
        QCOMPARE(readableNumber(98.71, english), QStringLiteral("98.71"));
        QCOMPARE(readableNumber(0, english), QStringLiteral("0"));
        QCOMPARE(readableNumber(kNan, english), QStringLiteral("not measured"));
        QCOMPARE(accuracy().title(), QStringLiteral("Accuracy in % (higher is better)"));
    }

    void roundScalesHoldEverythingAndRespectLimits() {
        const AxisScale scale = roundScale(accuracy(), 91.3, 99.97);
        QVERIFY(scale.low() <= 91.3);
        QCOMPARE(scale.high(), 100.0);
        for (const auto& [low, high] : {std::pair(5.0, 5.0), std::pair(0.0, 0.0),
                                        std::pair(-1e-30, -1e-30), std::pair(1e300, 1e300)}) {
            const AxisScale single = roundScale({QStringLiteral("x"), {}}, low, high);
            QVERIFY(single.low() < single.high());
            QVERIFY(single.contains(low));
        }
        QCOMPARE(roundScale({QStringLiteral("x"), {}}, 1, 1200).low(), 0.0);
        const AxisScale costs = roundScale(cost(), 1.02e6, 1.6e8);
        QVERIFY(costs.low() <= 1.02e6 && costs.low() > 0.5e6);
        QVERIFY(costs.high() >= 1.6e8 && costs.high() <= 4e8);
    }

    void scalesStandStillUntilAPointLeaves() {
        const AxisScale before = roundScale(cost(), 1e6, 1e8);
        QCOMPARE(grownScale(cost(), before, 2e6, 9e7), before);
        const AxisScale after = grownScale(cost(), before, 1e6, 5e9);
        QVERIFY(after.high() >= 5e9);
        QCOMPARE(after.low(), before.low());
        QCOMPARE(grownScale(cost(), before, 1e300, -1e300), before);  // nothing to show
    }

    void zoomEndsBeforeNumbersRunOut() {
        AxisScale scale(ScaleKind::Linear, 98, 99);
        for (int step = 0; step < 200; ++step) {
            scale = scale.part(0.4, 0.6);
        }
        QVERIFY(scale.high() > scale.low());
        QVERIFY(scale.toUnit(scale.fromUnit(0.5)) > 0.4);
        for (int step = 0; step < 400; ++step) {
            scale = scale.part(-1, 2);
        }
        QVERIFY(std::isfinite(scale.low()) && std::isfinite(scale.high()));
    }

    void textAndMarksStandOutOnAnyPalette_data() {
        QTest::addColumn<QColor>("base");
        QTest::addColumn<QColor>("text");
        QTest::newRow("day") << QColor(Qt::white) << QColor(0x1b1b1f);
        QTest::newRow("night") << QColor(0x1e1f22) << QColor(0xe6e6e9);
        QTest::newRow("black") << QColor(Qt::black) << QColor(Qt::white);
        QTest::newRow("sepia") << QColor(0xf4ecd8) << QColor(0x5b4636);
        QTest::newRow("poor") << QColor(0x808080) << QColor(0x909090);
    }
    void textAndMarksStandOutOnAnyPalette() {
        QFETCH(const QColor, base);
        QFETCH(const QColor, text);
        QPalette palette;
        palette.setColor(QPalette::Base, base);
        palette.setColor(QPalette::Text, text);
        const ChartTheme theme = ChartTheme::fromPalette(palette, {});
        QVERIFY(contrastRatio(theme.text, theme.background) >= 4.5);
        QVERIFY(contrastRatio(theme.mutedText, theme.background) >= 4.5);
        for (const QColor& mark : {theme.dominated, theme.front, theme.pinned, theme.reference,
                                   theme.selected, theme.axis}) {
            QVERIFY(contrastRatio(mark, theme.background) >= 3.0);
        }
    }

    void contrastFollowsItsDefinition() {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
        // The grey that the standard's own tutorials give as the lightest with 4.5 on white.
        QVERIFY(contrastRatio(QColor(0x767676), Qt::white) >= 4.5);
        QVERIFY(contrastRatio(QColor(0x777777), Qt::white) < 4.5);
    }

    void quantityColoursGrowLighter() {
        constexpr double kOneStepOfBlue = 0.0005;
        for (int index = 1; index < kQuantityColours; ++index) {
            QVERIFY(luminance(quantityColour(index)) >
                    luminance(quantityColour(index - 1)) - kOneStepOfBlue);
        }
        // Entries of the table its authors published.
        QCOMPARE(quantityColour(0), qRgb(0, 34, 78));
        QCOMPARE(quantityColour(255), qRgb(254, 232, 56));
        QVERIFY(std::abs(qRed(quantityColour(126)) - 123) <= 2);
        QCOMPARE(quantityColourAt(kNan).alpha(), 0);
        QCOMPARE(quantityColourAt(7), QColor(quantityColour(255)));
    }

    void indexFindsWhatComparingAllFinds() {
        std::mt19937 generator(7);
        std::normal_distribution<> normal;
        PointIndex index;
        std::vector<QPointF> points;
        for (int point = 0; point < 3000; ++point) {
            // Widening clouds, doubled places and missing values.
            QPointF place(normal(generator) * (1 + point / 500), normal(generator));
            place = point % 50 == 49 ? points[std::size_t(point - 7)] : place;
            place = point % 97 == 0 ? QPointF(kNan, 1) : place;
            points.push_back(place);
            index.append(place.x(), place.y());
        }
        QCOMPARE(index.count(), points.size());
        for (int question = 0; question < 200; ++question) {
            const QPointF corner(normal(generator) * 5, normal(generator));
            const QRectF area(corner, QSizeF(question % 7 * 0.2, question % 3 * 0.3));
            std::vector<std::size_t> expected;
            for (std::size_t point = 0; point < points.size(); ++point) {
                if (points[point].x() >= area.left() && points[point].x() <= area.right() &&
                    points[point].y() >= area.top() && points[point].y() <= area.bottom()) {
                    expected.push_back(point);
                }
            }
            QCOMPARE(index.within(area), expected);
        }
        QVERIFY(index.within(QRectF(1e9, 1e9, 1, 1)).empty());
        QVERIFY(PointIndex().within(QRectF(0, 0, 1, 1)).empty());
    }

    void snapshotsThatBeginAlikeAreAddedTo() {
        const auto all = randomDesigns(50);
        const auto head = firstOf(*all, 30);
        ScatterChange change = compareSnapshots(*head, *all);
        QVERIFY(change.sameAxes && change.settledKept);
        QCOMPARE(change.firstNew, 30U);

        auto moved = std::make_shared<ScatterData>(*all);
        moved->y[3] += 1;
        QVERIFY(!compareSnapshots(*head, *moved).settledKept);
        auto greyed = std::make_shared<ScatterData>(*all);
        greyed->flags[3] |= kInfeasible;
        QVERIFY(!compareSnapshots(*head, *greyed).settledKept);
        auto pinned = std::make_shared<ScatterData>(*all);
        pinned->flags[3] |= kPinned;
        pinned->flags[4] ^= kFront;
        QVERIFY(compareSnapshots(*head, *pinned).settledKept);
        QVERIFY(!compareSnapshots(*all, *head).settledKept);
        auto coloured = std::make_shared<ScatterData>(*all);
        coloured->colour = coloured->y;
        QVERIFY(!compareSnapshots(*head, *coloured).settledKept);
        auto turned = std::make_shared<ScatterData>(*all);
        turned->xAxis.scale = ScaleKind::Linear;
        change = compareSnapshots(*head, *turned);
        QVERIFY(!change.sameAxes && !change.settledKept);
    }

    void stepsShowWhatIsReachedAtEachCost() {
        const ScatterData data = twoPoints(10, 90, 20, 95);
        const std::vector<QPointF> expected = {{10, 90}, {20, 90}, {20, 95}};
        QCOMPARE(frontSteps(data, frontByX(data)), expected);
        // A point of a front in three objectives that is beaten in these two is passed by.
        const ScatterData beaten = twoPoints(10, 90, 20, 80);
        QCOMPARE(frontSteps(beaten, frontByX(beaten)), (std::vector<QPointF>{{10, 90}}));
        // Better to the right: the step goes up before it goes left.
        ScatterData right = twoPoints(10, 95, 20, 90);
        right.xAxis.better = Better::Higher;
        QCOMPARE(frontSteps(right, frontByX(right)),
                 (std::vector<QPointF>{{20, 90}, {10, 90}, {10, 95}}));
    }

    void summaryCountsAndNamesTheBest() {
        ScatterData data = twoPoints(1e6, 90, 3.1e6, 98.83);
        data.flags = {kFront | kPinned, kFront};
        data.ids.push_back(3);
        data.x.push_back(5e5);
        data.y.push_back(99.9);
        data.flags.push_back(kInfeasible);
        const QString text = summarize(data, QLocale(QLocale::English));
        QCOMPARE(text, QStringLiteral("3 designs, 2 on the front, 1 outside the constraints, "
                                      "1 pinned. Best Accuracy 98.83\u00a0% (design 2). "
                                      "Best BOPs 1\u00a0M (design 1)."));
        QCOMPARE(summarize({}, {}), QStringLiteral("No designs yet."));
    }

    void csvHoldsExactlyWhatIsVisible() {
        ScatterData data = twoPoints(1e6, 90, 3.1e6, 98.83);
        data.ids.push_back(3);
        data.x.push_back(2e6);
        data.y.push_back(95);
        data.flags.push_back(kHidden);
        data.yAxis.label = QStringLiteral("Accuracy, \"top\"");
        const QString csv = visibleCsv(data, AxisScale(ScaleKind::Logarithmic, 2e6, 1e7),
                                       AxisScale(ScaleKind::Linear, 0, 100));
        QCOMPARE(csv, QStringLiteral("id,BOPs,\"Accuracy, \"\"top\"\" [%]\",front,pinned,"
                                     "infeasible\r\n2,3100000,98.83,1,0,0\r\n"));
    }

    void histogramCountsAKnownTensor() {
        // int3 at scale 1: -4..3. By hand: -5 and 3.5 and 9 are clipped, 0.25 vanishes.
        const std::vector<float> values = {-5, -4, -1, 0, 0.25F, 1, 3, 3.5F, 9, 2};
        const HistogramData data =
            histogramOf(values, {-4, -3, -2, -1, 0, 1, 2, 3}, {.bins = 7, .label = {}, .unit = {}});
        QCOMPARE(data.clippedPercent, 30.0);
        QCOMPARE(data.underflowPercent, 10.0);
        QCOMPARE(data.edges.size(), 8U);  // -5, -3, -1, 1, 3, 5, 7, 9
        QCOMPARE(data.edges[1], -3.0);
        const std::vector<double> expected = {20, 0, 30, 20, 20, 0, 10};
        QCOMPARE(data.shares, expected);
    }

    void histogramOfMagnitudesLeavesZerosOut() {
        const std::vector<float> values = {0, 0, 1, -1, 100, -100, 10, infinity()};
        const HistogramData data =
            histogramOf(values, {-8, -1, 0, 1, 8},
                        {.bins = 2, .scale = ScaleKind::Logarithmic, .label = {}, .unit = {}});
        QCOMPARE(data.representable, (std::vector<double>{1, 8}));
        QCOMPARE(data.shares.size(), 2U);
        QVERIFY(qAbs(data.shares[0] - 200.0 / 7) < 1e-9);
        QVERIFY(qAbs(data.shares[1] - 300.0 / 7) < 1e-9);
        QVERIFY(histogramOf({}, {}, {}).edges.empty());
    }

private:
    static float infinity() { return std::numeric_limits<float>::infinity(); }
};

QTEST_APPLESS_MAIN(TstChartLogic)
#include "tst_chart_logic.moc"
