// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>

#include "core/execution/executor.h"
#include "core/quantization/channel_rows.h"
#include "core/quantization/input_rows.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using quantization::InputRows;

namespace {

using Attributes = std::map<std::string, network::Attribute>;
using Integers = std::vector<std::int64_t>;

struct Case {
    const char* name;
    const char* type;
    Shape input;  ///< the first dimension is the batch
    Shape weight;
    Attributes attributes;
    bool weightFirst = false;
};

std::vector<Case> cases() {
    return {
        {"plain", "Conv", {3, 2, 7, 6}, {4, 2, 3, 3}, {}},
        {"strided and padded",
         "Conv",
         {2, 3, 9, 8},
         {5, 3, 3, 2},
         {{"strides", Integers{2, 3}}, {"pads", Integers{1, 0, 2, 1}}}},
        {"dilated", "Conv", {2, 2, 9, 9}, {3, 2, 3, 3}, {{"dilations", Integers{2, 3}}}},
        {"same upper",
         "Conv",
         {2, 2, 7, 5},
         {3, 2, 4, 3},
         {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Integers{2, 2}}}},
        {"same lower",
         "Conv",
         {2, 2, 7, 5},
         {3, 2, 4, 2},
         {{"auto_pad", std::string("SAME_LOWER")}}},
        {"grouped", "Conv", {2, 6, 5, 5}, {9, 2, 3, 3}, {{"group", std::int64_t{3}}}},
        {"depthwise", "Conv", {2, 4, 5, 5}, {4, 1, 3, 3}, {{"group", std::int64_t{4}}}},
        {"one-dimensional", "Conv", {3, 2, 11}, {4, 2, 3}, {{"pads", Integers{1, 1}}}},
        {"dense", "Gemm", {4, 6}, {5, 6}, {{"transB", std::int64_t{1}}}},
        {"dense, not transposed", "Gemm", {4, 6}, {6, 5}, {}},
        {"product", "MatMul", {2, 3, 6}, {6, 5}, {}},
        {"product from the left", "MatMul", {3, 6, 4}, {5, 6}, {}, true},
    };
}

}  // namespace

/// The rows of a layer's input, multiplied by its weights, are the layer's output.
class TstInputRows : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsTimesWeightsAreTheOutput_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < cases().size(); ++i) {
            QTest::newRow(cases()[i].name) << static_cast<int>(i);
        }
    }
    void rowsTimesWeightsAreTheOutput() {
        QFETCH(int, index);
        const Case example = cases()[static_cast<std::size_t>(index)];
        Shape declared = example.input;
        declared.front() = 0;
        testing::GraphBuilder builder;
        builder.input("x", declared).stored("w", testing::someArray(example.weight, 3));
        const std::vector<std::string> inputs = example.weightFirst
                                                    ? std::vector<std::string>{"w", "x"}
                                                    : std::vector<std::string>{"x", "w"};
        builder.node(example.type, inputs, {"y"}, example.attributes).output("y");
        const auto graph = builder.graph();
        const network::Network net = execution::makeNetwork(graph, "test").value();
        const Array x = testing::someArray(example.input, 4);
        const Array y = execution::Executor::prepare(graph).value().run({{"x", x}}).value().front();

        const InputRows rows =
            quantization::inputRows(net, 0, x.as<float>(), {}, std::size_t{1} << 20).value();
        const auto layout =
            quantization::ChannelRows::of(example.weight, net.layers[0].channelAxis);
        const std::vector<float> weights =
            layout.toRows(net.graph->initializers.at("w").as<float>());
        QCOMPARE(rows.length, layout.length);
        const std::size_t channels = layout.count / rows.groups;
        const auto samples = static_cast<std::size_t>(example.input.front());
        const std::size_t places = rows.rows / samples;
        QCOMPARE(rows.rows * layout.count, static_cast<std::size_t>(y.size()));
        const bool channelsLast = std::string(example.type) != "Conv" && !example.weightFirst;
        for (std::size_t channel = 0; channel < layout.count; ++channel) {
            const std::span<const float> group = rows.group(rows.original, channel / channels);
            for (std::size_t row = 0; row < rows.rows; ++row) {
                double sum = 0;
                for (std::size_t i = 0; i < rows.length; ++i) {
                    sum += static_cast<double>(weights[channel * rows.length + i]) *
                           static_cast<double>(group[row * rows.length + i]);
                }
                const std::size_t at =
                    channelsLast ? row * layout.count + channel
                                 : (row / places * layout.count + channel) * places + row % places;
                QVERIFY(std::fabs(sum - static_cast<double>(y.as<float>()[at])) < 1e-5);
            }
        }
    }

    void aLimitPicksEvenly() {
        testing::GraphBuilder builder;
        builder.input("x", {0, 3})
            .stored("w", testing::someArray({3, 2}, 1))
            .node("MatMul", {"x", "w"}, {"y"})
            .output("y");
        const network::Network net = execution::makeNetwork(builder.graph(), "test").value();
        std::vector<float> values(30);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(i / 3);
        }
        const InputRows rows = quantization::inputRows(net, 0, values, {}, 4).value();
        QCOMPARE(rows.rows, std::size_t{4});
        const std::vector<float> firsts = {rows.original[0], rows.original[3], rows.original[6],
                                           rows.original[9]};
        QCOMPARE(firsts, (std::vector<float>{0, 2, 5, 7}));

        // Rows 2 and 5 to 9 are padding; of row 0 a single number counts.
        std::vector<bool> counts(30, false);
        counts[1] = true;
        std::fill(counts.begin() + 3, counts.begin() + 6, true);
        std::fill(counts.begin() + 9, counts.begin() + 15, true);
        const InputRows some = quantization::inputRows(net, 0, values, counts, 10).value();
        QCOMPARE(some.rows, std::size_t{4});
        const std::vector<float> kept = {some.original[0], some.original[3], some.original[6],
                                         some.original[9]};
        QCOMPARE(kept, (std::vector<float>{0, 1, 3, 4}));
        const InputRows none =
            quantization::inputRows(net, 0, values, std::vector<bool>(30, false), 10).value();
        QCOMPARE(none.rows, std::size_t{10});
    }

    /// A place of a convolution is left out when nothing under its window counts.
    void windowsWithoutInputsThatCountAreLeftOut() {
        testing::GraphBuilder builder;
        builder.input("x", {0, 2, 6})
            .stored("w", testing::someArray({3, 2, 3}, 1))
            .node("Conv", {"x", "w"}, {"y"}, {{"pads", std::vector<std::int64_t>{1, 1}}})
            .output("y");
        const network::Network net = execution::makeNetwork(builder.graph(), "test").value();
        const Array x = testing::someArray({2, 2, 6}, 2);
        std::vector<bool> counts(24, false);
        counts[6 + 1] = true;       // first sample, second channel, place 1
        counts[12 + 6 + 5] = true;  // second sample, second channel, place 5
        const std::span<const float> values = x.as<float>();
        const InputRows all = quantization::inputRows(net, 0, values, {}, 100).value();
        const InputRows some = quantization::inputRows(net, 0, values, counts, 100).value();
        const std::vector<std::size_t> expected = {0, 1, 2, 6 + 4, 6 + 5};
        QCOMPARE(some.rows, expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            for (std::size_t k = 0; k < some.length; ++k) {
                QCOMPARE(some.original[i * some.length + k],
                         all.original[expected[i] * all.length + k]);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TstInputRows)
#include "tst_input_rows.moc"
