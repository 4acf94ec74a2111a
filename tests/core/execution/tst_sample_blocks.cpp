// SPDX-License-Identifier: Apache-2.0
// Large batches run a few samples at a time: the results are those of the samples alone.
#include <QtTest/QTest>

#include "tests/core/execution/array_places.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

constexpr std::int64_t kSamples = 7;
constexpr std::int64_t kSize = 128;

/// Convolutions of each kind, activations, a pool and a skip. Values become smaller on the way, so
/// that there is more than one chain; some are read again behind their chain.
GraphBuilder images() {
    GraphBuilder builder;
    const auto ints = [](std::initializer_list<std::int64_t> values) {
        return std::vector<std::int64_t>(values);
    };
    builder.input("x", {0, 3, kSize, kSize})
        .stored("w1", someArray({20, 3, 3, 3}, 1))
        .stored("b1", someArray({20}, 2))
        .stored("w2", someArray({20, 1, 3, 3}, 3))
        .stored("w3", someArray({24, 20, 1, 1}, 4))
        .stored("w4", someArray({24, 24, 3, 3}, 5))
        .stored("slope", someArray({20, 1, 1}, 6))
        .stored("shift", someArray({1, 24, 1, 1}, 7))
        .node("Conv", {"x", "w1", "b1"}, {"a"},
              {{"strides", ints({2, 2})}, {"pads", ints({1, 1, 1, 1})}})
        .node("PRelu", {"a", "slope"}, {"b"})
        .node("Conv", {"b", "w2"}, {"c"},
              {{"group", std::int64_t{20}}, {"pads", ints({1, 1, 1, 1})}})
        .node("Relu", {"c"}, {"d"})
        .node("Add", {"d", "b"}, {"e"})
        .node("Conv", {"e", "w3"}, {"f"})
        .node("MaxPool", {"f"}, {"g"}, {{"kernel_shape", ints({4, 4})}, {"strides", ints({4, 4})}})
        .node("Add", {"g", "shift"}, {"h"})
        .node("Conv", {"h", "w4"}, {"i"}, {{"pads", ints({1, 1, 1, 1})}})
        .node("Relu", {"i"}, {"j"})
        .node("GlobalAveragePool", {"j"}, {"k"})
        .node("Mul", {"j", "k"}, {"l"})
        .output("l")
        .output("d")
        .output("h");
    return builder;
}

}  // namespace

class TstSampleBlocks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void samplesAreThoseOfTheSamplesAlone() {
        const Array x = someArray({kSamples, 3, kSize, kSize}, 9);
        const std::vector<Array> together = runAll(images(), {{"x", x}});
        QCOMPARE(together[0].shape(), (Shape{kSamples, 24, 16, 16}));
        for (std::int64_t sample = 0; sample < kSamples; ++sample) {
            const std::vector<Array> alone = runAll(images(), {{"x", rowsOf(x, sample, 1)}});
            for (std::size_t output = 0; output < alone.size(); ++output) {
                QVERIFY(sameBits(alone[output], rowsOf(together[output], sample, 1)));
            }
        }
    }

    /// What is stored for each sample of a batch, and what another input brings for all of them.
    void whatIsNotTheSamplesOwnStaysWhole() {
        const Array x = someArray({kSamples, 3, kSize, kSize}, 9);
        const Array each = someArray({kSamples, 3, 1, 1}, 2);
        const Array common = someArray({1, 3, kSize, kSize}, 3);
        GraphBuilder builder;
        builder.input("x", {0, 3, kSize, kSize})
            .input("common", {0, 3, kSize, kSize})
            .stored("each", each)
            .node("Relu", {"x"}, {"a"})
            .node("Mul", {"a", "each"}, {"b"})
            .node("Add", {"b", "common"}, {"c"})
            .node("Sub", {"c", "x"}, {"d"})
            .output("d");
        const std::vector<Array> found = runAll(builder, {{"x", x}, {"common", common}});
        compare(
            found[0], x.shape(),
            [&](const Place& p) {
                const auto value = static_cast<double>(at(x, p));
                return std::max(value, 0.0) * static_cast<double>(at(each, {p[0], p[1], 0, 0})) +
                       static_cast<double>(at(common, {0, p[1], p[2], p[3]})) - value;
            },
            1e-6);
    }

    void aStepThatFailsNamesItsNode() {
        GraphBuilder builder;
        builder.input("x", {0, 3, kSize, kSize})
            .stored("w", someArray({4, 5, 3, 3}, 1))
            .node("Relu", {"x"}, {"a"})
            .node("Conv", {"a", "w"}, {"b"})
            .output("b");
        const auto executor = execution::Executor::prepare(builder.graph());
        const auto outputs =
            executor.value().run({{"x", someArray({kSamples, 3, kSize, kSize}, 1)}});
        QVERIFY(outputs.hasError());
        QVERIFY(outputs.error().sentence().find("Conv") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstSampleBlocks)
#include "tst_sample_blocks.moc"
