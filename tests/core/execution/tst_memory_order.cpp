// SPDX-License-Identifier: Apache-2.0
// Operators that read values in the order in which they lie in memory: the results are those of
// plain loops, whichever that order is, and a sample's are the same in any company.
#include <QtTest/QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/core/execution/array_places.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

/// A convolution that changes no value, and leaves the channels last in memory.
GraphBuilder& turned(GraphBuilder& builder, const std::string& name, std::int64_t channels) {
    std::vector<float> weights(static_cast<std::size_t>(channels * channels), 0.0F);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        weights[c * static_cast<std::size_t>(channels) + c] = 1.0F;
    }
    return builder.stored(name + "_w", Array::of<float>({channels, channels, 1, 1}, weights))
        .node("Conv", {name, name + "_w"}, {name + "_turned"});
}

float greaterThanAny() {
    return std::numeric_limits<float>::quiet_NaN();
}

/// NaN is the largest value; zeros are equal.
bool below(float a, float b) {
    return !std::isnan(a) && (std::isnan(b) || a < b);
}

}  // namespace

class TstMemoryOrder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void topValuesKeepTheOrderOfEqualOnes_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("count");
        QTest::addColumn<bool>("largest");
        for (const auto& [size, count] : {std::pair(1, 1), {9, 0}, {40, 7}, {40, 40}, {300, 129}}) {
            for (const bool largest : {true, false}) {
                QTest::addRow("%d of %d, %s", count, size, largest ? "largest" : "smallest")
                    << size << count << largest;
            }
        }
    }

    void topValuesKeepTheOrderOfEqualOnes() {
        QFETCH(const int, size);
        QFETCH(const int, count);
        QFETCH(const bool, largest);
        constexpr std::int64_t kRows = 5;
        std::vector<float> values = someValues(kRows * size * 2, 3);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float coarse = std::round(values[i] * 4) / 4;  // equal ones, zeros of both signs
            values[i] = i % 17 == 3   ? greaterThanAny()
                        : i % 19 == 5 ? -std::numeric_limits<float>::infinity()
                                      : coarse;
        }
        // The axis is not the last one.
        const Array x = Array::of<float>({kRows, size, 2}, values);
        GraphBuilder builder;
        builder.input("x", {0, size, 2})
            .stored("k", integers({1}, {count}))
            .node("TopK", {"x", "k"}, {"values", "places"},
                  {{"axis", std::int64_t{1}}, {"largest", std::int64_t{largest}}})
            .output("values")
            .output("places");
        const std::vector<Array> found = runAll(builder, {{"x", x}});
        QCOMPARE(found[0].shape(), (Shape{kRows, count, 2}));
        for (std::int64_t row = 0; row < kRows; ++row) {
            for (std::int64_t column = 0; column < 2; ++column) {
                std::vector<std::int64_t> order(static_cast<std::size_t>(size));
                std::iota(order.begin(), order.end(), std::int64_t{0});
                std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
                    const float left = at(x, {row, a, column});
                    const float right = at(x, {row, b, column});
                    return largest ? below(right, left) : below(left, right);
                });
                for (std::int64_t i = 0; i < count; ++i) {
                    const std::size_t place = offsetOf(found[0].shape(), {row, i, column});
                    const std::int64_t expected = order[static_cast<std::size_t>(i)];
                    QCOMPARE(found[1].as<std::int64_t>()[place], expected);
                    const float value = at(x, {row, expected, column});
                    QVERIFY(found[0].as<float>()[place] == value || std::isnan(value));
                }
            }
        }
    }

    void gathersRunsWhereIndicesRepeat_data() {
        QTest::addColumn<bool>("turn");
        QTest::newRow("row by row") << false;
        QTest::newRow("channels last") << true;
    }

    /// The neighbours of points as graph networks find them: the same for every channel.
    void gathersRunsWhereIndicesRepeat() {
        QFETCH(const bool, turn);
        const Array x = someArray({2, 3, 1, 6}, 5);
        const std::vector<std::int64_t> places = {0, 5, -1, 2, 3, -6, 1,  1, 4, 0, 2, 5,
                                                  5, 4, 3,  2, 1, 0,  -2, 2, 0, 0, 1, 3};
        GraphBuilder builder;
        turned(builder.input("x", {0, 3, 1, 6}), "x", 3)
            .input("places", {0, 1, 4, 3}, ElementType::Int64)
            .stored("points", integers({4}, {1, 3, 4, 6}))
            .stored("all", integers({4}, {1, 3, 4, 3}))
            .node("Expand", {turn ? "x_turned" : "x", "points"}, {"expanded"})
            .node("Expand", {"places", "all"}, {"repeated"})
            .node("GatherElements", {"expanded", "repeated"}, {"y"}, {{"axis", std::int64_t{3}}})
            .output("y");
        const std::vector<Array> found =
            runAll(builder, {{"x", x}, {"places", integers({2, 1, 4, 3}, places)}});
        compare(found[0], {2, 3, 4, 3}, [&](const Place& p) {
            const std::int64_t place = places[offsetOf({2, 4, 3}, {p[0], p[2], p[3]})];
            return static_cast<double>(at(x, {p[0], p[1], 0, place < 0 ? place + 6 : place}));
        });
        const auto executor = execution::Executor::prepare(builder.graph());
        const auto outside = executor.value().run(
            {{"x", x}, {"places", integers({2, 1, 4, 3}, std::vector<std::int64_t>(24, 6))}});
        QVERIFY(outside.hasError());
        QVERIFY(outside.error().sentence().find("outside its axis of 6") != std::string::npos);
    }

    void sumsTurnedImages_data() {
        QTest::addColumn<std::vector<std::int64_t>>("axes");
        QTest::newRow("rows") << std::vector<std::int64_t>{2};
        QTest::newRow("columns") << std::vector<std::int64_t>{3};
        QTest::newRow("pixels") << std::vector<std::int64_t>{2, 3};
        QTest::newRow("pixels, backwards") << std::vector<std::int64_t>{-1, -2};
        QTest::newRow("channels") << std::vector<std::int64_t>{1};
        QTest::newRow("samples") << std::vector<std::int64_t>{0};
    }

    void sumsTurnedImages() {
        QFETCH(const std::vector<std::int64_t>, axes);
        const Shape shape = {3, 21, 5, 70};
        const Array x = someArray(shape, 7);
        for (const bool keep : {false, true}) {
            GraphBuilder builder;
            const std::map<std::string, network::Attribute> attributes = {
                {"keepdims", std::int64_t{keep}}};
            turned(builder.input("x", {0, 21, 5, 70}), "x", 21)
                .stored("axes", integers({static_cast<std::int64_t>(axes.size())}, axes))
                .node("ReduceSum", {"x_turned", "axes"}, {"sum"}, attributes)
                .node("ReduceMean", {"x_turned"}, {"mean"},
                      {{"keepdims", std::int64_t{keep}}, {"axes", axes}})
                .output("sum")
                .output("mean");
            const std::vector<Array> found = runAll(builder, {{"x", x}});
            std::map<Place, std::pair<double, double>> sums;
            Shape left;
            const auto summed = [&](std::int64_t axis) {
                return std::ranges::find(axes, axis) != axes.end() ||
                       std::ranges::find(axes, axis - 4) != axes.end();
            };
            const auto reduced = [&](const Place& place, bool shapes) {
                Place result;
                for (std::size_t i = 0; i < place.size(); ++i) {
                    if (!summed(static_cast<std::int64_t>(i))) {
                        result.push_back(place[i]);
                    } else if (keep) {
                        result.push_back(shapes ? 1 : 0);
                    }
                }
                return result;
            };
            forEachPlace(shape, [&](const Place& place) {
                auto& [sum, count] = sums[reduced(place, false)];
                sum += static_cast<double>(at(x, place));
                count += 1;
            });
            left = reduced(shape, true);
            compare(
                found[0], left, [&](const Place& place) { return sums[place].first; }, 2e-5);
            compare(
                found[1], left,
                [&](const Place& place) { return sums[place].first / sums[place].second; }, 1e-6);
            if (!summed(0)) {
                const std::vector<Array> alone = runAll(builder, {{"x", rowsOf(x, 1, 1)}});
                QVERIFY(sameBits(alone[0], rowsOf(found[0], 1, 1)));
                QVERIFY(sameBits(alone[1], rowsOf(found[1], 1, 1)));
            }
        }
    }

    void joinsImagesInAnyOrder() {
        const Array x = someArray({2, 3, 4, 5}, 1);
        const Array y = someArray({2, 2, 4, 5}, 2);
        const Array z = someArray({2, 4, 4, 1}, 3);
        for (const std::int64_t axis : {std::int64_t{1}, std::int64_t{-3}}) {
            GraphBuilder builder;
            builder.input("x", {0, 3, 4, 5}).input("y", {0, 2, 4, 5}).input("z", {0, 4, 4, 1});
            turned(turned(builder, "x", 3), "z", 4)
                .stored("wide", integers({4}, {1, 4, 4, 5}))
                .node("Expand", {"z_turned", "wide"}, {"expanded"})
                .node("Concat", {"x_turned", "y", "expanded"}, {"all"}, {{"axis", axis}})
                .output("all");
            const std::vector<Array> found = runAll(builder, {{"x", x}, {"y", y}, {"z", z}});
            compare(found[0], {2, 9, 4, 5}, [&](const Place& p) {
                const std::int64_t c = p[1];
                return static_cast<double>(c < 3   ? at(x, p)
                                           : c < 5 ? at(y, {p[0], c - 3, p[2], p[3]})
                                                   : at(z, {p[0], c - 5, p[2], 0}));
            });
        }
    }

    void imagesThatDoNotFitAreNotJoined() {
        GraphBuilder builder;
        turned(builder.input("x", {0, 3, 4, 5}).input("y", {0, 3, 4, 6}), "x", 3)
            .node("Concat", {"x_turned", "y"}, {"all"}, {{"axis", std::int64_t{1}}})
            .output("all");
        const auto executor = execution::Executor::prepare(builder.graph());
        QVERIFY(executor.hasValue());
        QVERIFY(executor.value()
                    .run({{"x", someArray({2, 3, 4, 5}, 1)}, {"y", someArray({2, 3, 4, 6}, 2)}})
                    .hasError());
    }

    void convolvesSequences_data() {
        QTest::addColumn<int>("stride");
        QTest::addColumn<int>("dilation");
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("after");
        QTest::newRow("plain") << 1 << 1 << 0 << 0;
        QTest::newRow("padded") << 1 << 1 << 1 << 1;
        QTest::newRow("padded at the end") << 1 << 2 << 0 << 2;
        QTest::newRow("strided") << 3 << 1 << 2 << 2;
    }

    void convolvesSequences() {
        QFETCH(const int, stride);
        QFETCH(const int, dilation);
        QFETCH(const int, before);
        QFETCH(const int, after);
        const Array x = someArray({3, 5, 23}, 1);
        const Array weight = someArray({19, 5, 3}, 2);
        const Array bias = someArray({19}, 3);
        GraphBuilder builder;
        builder.input("x", {0, 5, 23})
            .stored("w", weight)
            .stored("b", bias)
            .node("Conv", {"x", "w", "b"}, {"y"},
                  {{"strides", std::vector<std::int64_t>{stride}},
                   {"dilations", std::vector<std::int64_t>{dilation}},
                   {"pads", std::vector<std::int64_t>{before, after}}})
            .output("y");
        const std::vector<Array> found = runAll(builder, {{"x", x}});
        const std::int64_t length = (23 + before + after - 2 * dilation - 1) / stride + 1;
        compare(
            found[0], {3, 19, length},
            [&](const Place& p) {
                double sum = static_cast<double>(at(bias, {p[1]}));
                for (std::int64_t c = 0; c < 5; ++c) {
                    for (std::int64_t k = 0; k < 3; ++k) {
                        const std::int64_t from = p[2] * stride + k * dilation - before;
                        sum += from < 0 || from >= 23
                                   ? 0
                                   : static_cast<double>(at(x, {p[0], c, from})) *
                                         static_cast<double>(at(weight, {p[1], c, k}));
                    }
                }
                return sum;
            },
            2e-6);
        const std::vector<Array> alone = runAll(builder, {{"x", rowsOf(x, 2, 1)}});
        QVERIFY(sameBits(alone[0], rowsOf(found[0], 2, 1)));
    }
};

QTEST_GUILESS_MAIN(TstMemoryOrder)
#include "tst_memory_order.moc"
