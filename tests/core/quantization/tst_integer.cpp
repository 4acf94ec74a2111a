// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>
#include <limits>

#include "core/execution/executor.h"
#include "core/quantization/integer/build_integer_network.h"
#include "core/quantization/integer/run_integers.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using namespace bitloupe::quantization;

namespace {

/// gemmlowp's two roundings with 128-bit integers, word for word after their definitions.
std::int64_t gemmlowpReference(std::int64_t x, std::int32_t multiplier, int shift) {
    __extension__ using Wide = __int128;
    const auto most = Wide{std::numeric_limits<std::int32_t>::max()};
    const auto least = Wide{std::numeric_limits<std::int32_t>::min()};
    Wide value = std::min(most, std::max(least, Wide{x}));
    if (shift < 0) {
        value = std::min(most, std::max(least, value << -shift));
    }
    // SaturatingRoundingDoublingHighMul: a nudge by the sign, then C's division towards zero.
    const Wide product = value * multiplier;
    const Wide nudge = product >= 0 ? Wide{1} << 30 : 1 - (Wide{1} << 30);
    value = (product + nudge) / (Wide{1} << 31);
    if (shift <= 0) {
        return static_cast<std::int64_t>(value);
    }
    // RoundingDivideByPOT: half goes away from zero.
    const Wide mask = (Wide{1} << shift) - 1;
    const Wide threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return static_cast<std::int64_t>((value >> shift) + ((value & mask) > threshold ? 1 : 0));
}

/// A small network of everything that has an integer form, quantized per channel.
struct Small {
    network::Network net;
    std::vector<std::optional<QuantizedWeights>> weights;
    std::vector<std::optional<ActivationRounding>> activations;
    Array samples;

    explicit Small(const std::string& format) {
        testing::GraphBuilder builder;
        using Integers = std::vector<std::int64_t>;
        builder.input("x", {0, 2, 9, 9})
            .stored("w1", testing::someArray({4, 2, 3, 3}, 1))
            .stored("b1", testing::someArray({4}, 2))
            .stored("w2", testing::someArray({4, 2, 3, 3}, 3))
            .stored("w3", testing::someArray({5, 16}, 4))
            .stored("b3", testing::someArray({5}, 5))
            .node("Conv", {"x", "w1", "b1"}, {"c1"}, {{"pads", Integers{1, 1, 1, 1}}})
            .node("Relu", {"c1"}, {"r1"})
            .node("AveragePool", {"r1"}, {"p1"},
                  {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}})
            .node("Conv", {"p1", "w2"}, {"c2"},
                  {{"pads", Integers{1, 1, 1, 1}}, {"group", std::int64_t{2}}})
            .node("Add", {"c2", "p1"}, {"s"})
            .node("MaxPool", {"s"}, {"p2"},
                  {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}})
            .node("Flatten", {"p2"}, {"f"})
            .node("Gemm", {"f", "w3", "b3"}, {"y"}, {{"transB", std::int64_t{1}}})
            .output("y");
        net = execution::makeNetwork(builder.graph(), "test").value();
        samples = testing::someArray({40, 2, 9, 9}, 6);
        for (const network::Layer& layer : net.layers) {
            weights.push_back(quantizeWeights(net.graph->initializers.at(layer.weight),
                                              layer.channelAxis,
                                              Quantizer::parse(format + "@channel").value())
                                  .value());
            ValueStatistics statistics;
            statistics.minimum = layer.name == net.layers[0].name ? -1 : -2;
            statistics.maximum = 2.5F;
            activations.push_back(
                chooseActivationRounding(statistics, Quantizer::parse(format + "/minmax").value())
                    .value());
        }
    }

    [[nodiscard]] IntegerNetwork build(Multiplier::Kind kind = Multiplier::Kind::Gemmlowp) const {
        auto built = integerNetwork(net, weights, activations, kind);
        if (built.hasError()) {
            QTest::qFail(built.error().sentence().c_str(), __FILE__, __LINE__);
            return {};
        }
        return std::move(built).value();
    }

    /// The design as it is simulated: rounded floats, one layer after another.
    [[nodiscard]] std::vector<float> simulate() const {
        network::Graph graph = *net.graph;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            graph.initializers[net.layers[i].weight] = weights[i]->values;
        }
        // Each layer's input is rounded apart: cut the graph there.
        std::vector<float> values;
        const auto run = [&](const std::string& from, const Shape& shape,
                             const std::vector<float>& data, const std::string& to) {
            network::Graph part = graph;
            part.inputs = {{from, ElementType::Float32, {}}};
            part.outputs = {{to, ElementType::Float32, {}}};
            std::erase_if(part.nodes, [&](const network::Node& node) {
                return !isBetween(graph, from, to, node);
            });
            const auto executor =
                execution::Executor::prepare(std::make_shared<const network::Graph>(part));
            const Array out =
                executor.value().run({{from, Array::of<float>(shape, data)}}).value().front();
            return std::vector<float>(out.as<float>().begin(), out.as<float>().end());
        };
        const auto rounded = [&](std::size_t layer, const std::vector<float>& data) {
            std::vector<float> out(data.size());
            activations[layer]->apply(data, out);
            return out;
        };
        const std::vector<float> x(samples.as<float>().begin(), samples.as<float>().end());
        const std::vector<float> p1 = run("x", {40, 2, 9, 9}, rounded(0, x), "p1");
        const std::vector<float> c2 = run("p1", {40, 4, 4, 4}, rounded(1, p1), "c2");
        std::vector<float> sum(p1.size());
        std::transform(p1.begin(), p1.end(), c2.begin(), sum.begin(), std::plus<>());
        const std::vector<float> f = run("s", {40, 4, 4, 4}, sum, "f");
        return run("f", {40, 16}, rounded(2, f), "y");
    }

private:
    static bool isBetween(const network::Graph& graph, const std::string& from,
                          const std::string& to, const network::Node& node) {
        const auto place = [&](const std::string& edge) {
            for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
                if (graph.nodes[i].outputs.front() == edge) {
                    return static_cast<int>(i);
                }
            }
            return -1;
        };
        const int here = place(node.outputs.front());
        return here > place(from) && here <= place(to);
    }
};

}  // namespace

class TstInteger : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void multipliersAreTheNearest() {
        for (const double factor : {1e-9, 0.0031, 0.37, 0.5, 0.999999, 1.0, 3.7, 900.0}) {
            const Multiplier multiplier = Multiplier::gemmlowp(factor);
            QVERIFY(multiplier.value >= (1 << 30));
            QVERIFY(std::fabs(multiplier.factor() / factor - 1) <= std::ldexp(1.0, -31));
        }
        QCOMPARE(Multiplier::gemmlowp(0).apply(12345), std::int64_t{0});
    }

    void shortMultipliersAreThePublishedOnes() {
        // Scales of the five layers of a LeNet-5 and what its authors made of them.
        const std::vector<std::tuple<double, int, int>> published = {{0.0061, 25, 12},
                                                                     {0.0040, 131, 15},
                                                                     {0.0014, 23, 14},
                                                                     {0.0016, 13, 13},
                                                                     {0.0031, 51, 14}};
        for (const auto& [scale, value, shift] : published) {
            const Multiplier multiplier = Multiplier::floorShift(scale);
            QCOMPARE(multiplier.value, value);
            QCOMPARE(multiplier.shift, shift);
        }
        QCOMPARE((Multiplier{Multiplier::Kind::FloorShift, 3, 1}).apply(-1), std::int64_t{-2});
    }

    void gemmlowpRoundsTwice() {
        unsigned state = 1;
        const auto next = [&state] { return state = state * 1664525U + 1013904223U; };
        for (int i = 0; i < 20000; ++i) {
            const auto x = static_cast<std::int32_t>(next()) >> (next() % 30);
            const int shift = static_cast<int>(next() % 40) - 8;
            const auto value = static_cast<std::int32_t>((1U << 30) + next() % (1U << 30));
            const Multiplier multiplier{Multiplier::Kind::Gemmlowp, value, shift};
            QCOMPARE(multiplier.apply(x), gemmlowpReference(x, value, shift));
        }
        // Factors above 1 shift to the left first, and saturate there.
        const Multiplier large = Multiplier::gemmlowp(4.0);
        QCOMPARE(large.apply(100), std::int64_t{400});
        QCOMPARE(large.apply(1 << 30), std::int64_t{1} << 30);
        QCOMPARE(large.apply(-(1LL << 40)), -(std::int64_t{1} << 30));
    }

    void accumulatorsWrapOrSaturate() {
        const std::vector<std::int32_t> weights = {100, 100, -100};
        const std::vector<std::int32_t> inputs = {1, 1, 1};
        const auto narrow = [](int bits, const char* how) {
            return Accumulator::parse(std::to_string(bits) + how).value();
        };
        // 8 bits hold -128..127: 100 + 100 = 200 -> -56 by wrapping, -56 - 100 -> 100.
        const Sum wrapped = addProducts(weights, inputs, 0, narrow(8, ",wrap"));
        QCOMPARE(wrapped.value, std::int64_t{100});
        QVERIFY(!wrapped.overflowed);  // the sum itself fits, whatever happened on the way
        const Sum saturated = addProducts(weights, inputs, 0, narrow(8, ",saturate"));
        QCOMPARE(saturated.value, std::int64_t{27});
        QVERIFY(saturated.overflowed);
        QCOMPARE(saturated.exact, std::int64_t{100});
        const Sum low = addProducts(weights, inputs, 60, narrow(8, ",wrap"));
        QCOMPARE(low.value, std::int64_t{-96});
        QVERIFY(low.overflowed);
        QCOMPARE(addProducts(weights, inputs, 60, narrow(9, "")).value, std::int64_t{160});
        for (const char* text : {"", "1", "63", "16,round", "a", "16,wrap,wrap"}) {
            QVERIFY(Accumulator::parse(text).hasError());
        }
    }

    void rangesAndBits() {
        QCOMPARE((IntegerRange{-128, 127}).bits(), 8);
        QCOMPARE((IntegerRange{-129, 0}).bits(), 9);
        QCOMPARE((IntegerRange{-99490, 412401}).bits(), 20);
        QCOMPARE((IntegerRange{0, 0}).bits(), 1);
        const std::vector<std::int32_t> weights = {3, -5};
        const IntegerRange range = worstCase(weights, {-1, 10}, 7);
        QCOMPARE(range.least, std::int64_t{7 - 3 - 50});
        QCOMPARE(range.most, std::int64_t{7 + 30 + 5});
    }

    void integersAgreeWithTheSimulation_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<double>("share");
        QTest::newRow("int8") << "int8" << 0.02;
        QTest::newRow("uint8") << "uint8" << 0.02;
        QTest::newRow("int4") << "int4" << 0.2;
        QTest::newRow("int12") << "int12" << 0.002;
    }
    void integersAgreeWithTheSimulation() {
        QFETCH(const QString, format);
        QFETCH(const double, share);
        const Small small(format.toStdString());
        const std::vector<float> simulated = small.simulate();
        const IntegerNetwork integers = small.build();
        const IntegerRun run = runIntegers(integers, small.samples.as<float>(), Accumulator{}, 1);
        QCOMPARE(run.outputs.size(), simulated.size());
        double largest = 0;
        double difference = 0;
        double same = 0;
        for (std::size_t i = 0; i < simulated.size(); ++i) {
            const double real = static_cast<double>(simulated[i]);
            const double here = static_cast<double>(run.outputs[i]) * integers.outputScale;
            largest = std::max(largest, std::fabs(real));
            difference = std::max(difference, std::fabs(real - here));
            same += std::fabs(real - here) < 1e-5 * (1 + std::fabs(real)) + integers.outputScale;
        }
        // A tie that floats and integers break apart moves one code of one input.
        QVERIFY2(difference <= share * largest,
                 qPrintable(QString("%1 of %2").arg(difference).arg(largest)));
        QVERIFY(same >= 0.6 * static_cast<double>(simulated.size()));
        for (const AccumulatorReport& report : run.layers) {
            QCOMPARE(report.overflows, std::int64_t{0});
            QVERIFY(report.observed.least >= report.worst.least);
            QVERIFY(report.observed.most <= report.worst.most);
        }
        QCOMPARE(run.layers[0].sums, std::int64_t{40 * 4 * 81});
    }

    void threadsDoNotMatter() {
        const Small small("int8");
        const IntegerNetwork integers = small.build(Multiplier::Kind::FloorShift);
        const Accumulator narrow = Accumulator::parse("14,saturate").value();
        const IntegerRun one = runIntegers(integers, small.samples.as<float>(), narrow, 1);
        const IntegerRun three = runIntegers(integers, small.samples.as<float>(), narrow, 3);
        QVERIFY(one.outputs == three.outputs);
        for (std::size_t i = 0; i < one.layers.size(); ++i) {
            QCOMPARE(one.layers[i].overflows, three.layers[i].overflows);
            QCOMPARE(one.layers[i].observed.most, three.layers[i].observed.most);
        }
    }

    void aNarrowAccumulatorIsWarnedAboutAndCounted() {
        const Small small("int8");
        const IntegerNetwork integers = small.build();
        QVERIFY(integers.overflowWarnings(Accumulator{}).empty());
        const Accumulator narrow = Accumulator::parse("13").value();
        QCOMPARE(integers.overflowWarnings(narrow).size(), std::size_t{3});
        const IntegerRun wide = runIntegers(integers, small.samples.as<float>(), Accumulator{}, 1);
        std::int64_t outside = 0;
        const IntegerRun wrapped = runIntegers(integers, small.samples.as<float>(), narrow, 1);
        outside = wrapped.layers[0].overflows;
        QVERIFY(outside > 0);
        QVERIFY(wide.outputs != wrapped.outputs);
        // What was seen without a limit says how many bits never overflow.
        const Accumulator enough{wide.layers[0].observed.bits(), Accumulator::Overflow::Wrap};
        QCOMPARE(runIntegers(integers, small.samples.as<float>(), enough, 1).layers[0].overflows,
                 std::int64_t{0});
    }

    void whatHasNoIntegersSaysSo() {
        Small small("int8");
        small.weights[1].reset();
        const auto missing =
            integerNetwork(small.net, small.weights, small.activations, Multiplier::Kind::Gemmlowp);
        QVERIFY(missing.hasError());
        QVERIFY(missing.error().where.find(small.net.layers[1].name) != std::string::npos);
        testing::GraphBuilder builder;
        builder.input("x", {0, 3})
            .stored("w", testing::someArray({3, 2}, 1))
            .node("MatMul", {"x", "w"}, {"y"})
            .node("Sigmoid", {"y"}, {"z"})
            .output("z");
        const network::Network net = execution::makeNetwork(builder.graph(), "test").value();
        const auto unsupported = byteWeightNetwork(net);
        QVERIFY(unsupported.hasError());
        QVERIFY(unsupported.error().where.find("Sigmoid") != std::string::npos);
    }

    void byteWeightsByHand() {
        // Scale (1 - -0.55) / 255, zero point 90.48 without its fraction.
        const ByteWeights bytes = byteWeights(std::vector<float>{-0.55F, 0.0F, 1.0F});
        QCOMPARE(bytes.zeroPoint, 90);
        QCOMPARE(bytes.codes, (std::vector<std::int32_t>{0, 90, 255}));
    }
};

QTEST_APPLESS_MAIN(TstInteger)
#include "tst_integer.moc"
