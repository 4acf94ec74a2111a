// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>
#include <cmath>

#include "core/execution/executor.h"
#include "core/exploration/preparation.h"
#include "core/quantization/channel_rows.h"
#include "core/quantization/preparation/equalize.h"
#include "core/quantization/preparation/smooth_quant.h"
#include "core/quantization/tensor_quantization.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using quantization::Preparation;
using SharedNetwork = std::shared_ptr<const network::Network>;

namespace {

using Integers = std::vector<std::int64_t>;

Array scaledArray(const Shape& shape, unsigned seed, const std::vector<float>& factors) {
    std::vector<float> values = testing::someValues(elementCount(shape), seed);
    const std::size_t each = values.size() / factors.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] *= factors[i / each];
    }
    return Array::of<float>(shape, values);
}

SharedNetwork networkOf(const testing::GraphBuilder& builder) {
    return std::make_shared<const network::Network>(
        execution::makeNetwork(builder.graph(), "test").value());
}

/// Convolutions (one of each kind) with filters of very different sizes, then dense layers.
SharedNetwork unequalNetwork() {
    testing::GraphBuilder builder;
    builder.input("x", {0, 2, 8, 8})
        .stored("w1", scaledArray({4, 2, 3, 3}, 1, {1, 30, 0.1F, 5}))
        .stored("b1", testing::someArray({4}, 2))
        .stored("wd", scaledArray({4, 1, 3, 3}, 3, {9, 0.2F, 1, 1}))
        .stored("w2", scaledArray({6, 2, 1, 1}, 4, {1, 2, 3, 40, 5, 0.1F}))
        .stored("b2", testing::someArray({6}, 5))
        .stored("w3", scaledArray({5, 96}, 6, {1, 1, 20, 1, 1}))
        .stored("b3", testing::someArray({5}, 7))
        .stored("w4", testing::someArray({5, 3}, 8))
        .node("Conv", {"x", "w1", "b1"}, {"c1"}, {{"pads", Integers{1, 1, 1, 1}}})
        .node("Relu", {"c1"}, {"r1"})
        .node("Conv", {"r1", "wd"}, {"cd"},
              {{"pads", Integers{1, 1, 1, 1}}, {"group", std::int64_t{4}}})
        .node("Relu", {"cd"}, {"rd"})
        .node("MaxPool", {"rd"}, {"p1"},
              {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}})
        .node("Conv", {"p1", "w2", "b2"}, {"c2"}, {{"group", std::int64_t{2}}})
        .node("Flatten", {"c2"}, {"f"})
        .node("Gemm", {"f", "w3", "b3"}, {"d"}, {{"transB", std::int64_t{1}}})
        .node("Relu", {"d"}, {"rf"})
        .node("Gemm", {"rf", "w4"}, {"y"})
        .output("y");
    return networkOf(builder);
}

/// Attention-like: one normalization feeds two products; a third product has no normalization.
SharedNetwork normalizedNetwork() {
    testing::GraphBuilder builder(17);
    builder.input("x", {0, 5, 8})
        .stored("gamma", testing::someArray({8}, 1))
        .stored("beta", testing::someArray({8}, 2))
        .stored("wq", scaledArray({8, 6}, 3, {1, 10, 0.1F, 1, 1, 4, 1, 1}))
        .stored("wk", testing::someArray({8, 6}, 4))
        .stored("wo", testing::someArray({6, 4}, 5))
        .node("LayerNormalization", {"x", "gamma", "beta"}, {"n"})
        .node("MatMul", {"n", "wq"}, {"q"})
        .node("MatMul", {"n", "wk"}, {"k"})
        .node("Mul", {"q", "k"}, {"m"})
        .node("MatMul", {"m", "wo"}, {"y"})
        .output("y");
    return networkOf(builder);
}

data::Samples samplesOf(const Shape& shape) {
    data::Samples samples;
    samples.inputs["x"] = testing::someArray(shape, 77);
    return samples;
}

std::vector<float> outputs(const network::Network& net, const data::Samples& samples) {
    const auto run = execution::Executor::prepare(net.graph).value().run(samples.inputs);
    const std::span<const float> values = run.value().front().as<float>();
    return {values.begin(), values.end()};
}

SharedNetwork prepared(const SharedNetwork& net, const char* text, const data::Samples& samples) {
    const std::vector<Preparation> list = {Preparation::parse(text).value()};
    auto result = exploration::prepareNetwork(net, list, samples);
    if (result.hasError()) {
        QTest::qFail(result.error().sentence().c_str(), __FILE__, __LINE__);
        return net;
    }
    return result.value();
}

/// Largest difference over the largest output.
double relativeDifference(const std::vector<float>& a, const std::vector<float>& b) {
    double difference = 0;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference =
            std::max(difference, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
        largest = std::max(largest, std::fabs(static_cast<double>(a[i])));
    }
    return difference / largest;
}

double outputErrorOf(const SharedNetwork& net, const data::Samples& samples,
                     const std::vector<float>& reference) {
    network::Graph graph = *net->graph;
    for (const network::Layer& layer : net->layers) {
        const auto rounded =
            quantization::quantizeWeights(graph.initializers.at(layer.weight), layer.channelAxis,
                                          quantization::Quantizer::parse("int5").value());
        graph.initializers.at(layer.weight) = rounded.value().values;
    }
    network::Network changed = *net;
    changed.graph = std::make_shared<const network::Graph>(graph);
    return relativeDifference(reference, outputs(changed, samples));
}

}  // namespace

class TstPreparation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names() {
        for (const char* text : {"equalize", "smoothquant", "smoothquant0.8", "batchnorm"}) {
            QCOMPARE(Preparation::parse(text).value().name(), std::string(text));
        }
        QCOMPARE(Preparation::parse("smoothquant0.5").value().name(), std::string("smoothquant"));
        for (const char* text : {"", "equal", "smoothquant2", "smoothquantx"}) {
            QVERIFY(Preparation::parse(text).hasError());
        }
    }

    void equalizationKeepsTheFunctionAndEvensTheRanges() {
        const SharedNetwork net = unequalNetwork();
        const data::Samples samples = samplesOf({20, 2, 8, 8});
        QCOMPARE(quantization::equalizablePairs(*net), std::size_t{4});
        const SharedNetwork even = prepared(net, "equalize", samples);
        const std::vector<float> before = outputs(*net, samples);
        QVERIFY(relativeDifference(before, outputs(*even, samples)) < 1e-5);
        // At the fixed point both sides of a pair have the same range in every channel.
        const auto ranges = [&](const char* name, int axis) {
            const Array& weight = even->graph->initializers.at(name);
            const auto rows = quantization::ChannelRows::of(weight.shape(), axis);
            const std::vector<float> values = rows.toRows(weight.as<float>());
            std::vector<double> largest(rows.count, 0.0);
            for (std::size_t i = 0; i < values.size(); ++i) {
                largest[i / rows.length] =
                    std::max(largest[i / rows.length], std::fabs(static_cast<double>(values[i])));
            }
            return largest;
        };
        const std::vector<double> first = ranges("w1", 0);
        const std::vector<double> depthwise = ranges("wd", 0);
        for (std::size_t c = 0; c < 4; ++c) {
            QVERIFY(std::fabs(first[c] / depthwise[c] - 1) < 1e-3);
        }
        const std::vector<double> third = ranges("w3", 0);
        const std::vector<double> fourth = ranges("w4", 0);
        for (std::size_t c = 0; c < 5; ++c) {
            QVERIFY(std::fabs(third[c] / fourth[c] - 1) < 1e-3);
        }
        // What it is for: one scale a tensor now fits every channel.
        QVERIFY(outputErrorOf(even, samples, before) < 0.5 * outputErrorOf(net, samples, before));
    }

    void sharedWeightsAndBranchesStay() {
        testing::GraphBuilder builder;
        builder.input("x", {0, 4})
            .stored("w1", scaledArray({4, 4}, 1, {1, 9, 0.1F, 1}))
            .stored("w2", testing::someArray({4, 4}, 2))
            .node("Gemm", {"x", "w1"}, {"a"}, {{"transB", std::int64_t{1}}})
            .node("Gemm", {"a", "w2"}, {"b"}, {{"transB", std::int64_t{1}}})
            .node("Add", {"a", "b"}, {"y"})
            .output("y");
        QCOMPARE(quantization::equalizablePairs(*networkOf(builder)), std::size_t{0});
        testing::GraphBuilder twice;
        twice.input("x", {0, 4})
            .stored("w", testing::someArray({4, 4}, 1))
            .node("Gemm", {"x", "w"}, {"a"}, {{"transB", std::int64_t{1}}})
            .node("Gemm", {"a", "w"}, {"y"}, {{"transB", std::int64_t{1}}})
            .output("y");
        QCOMPARE(quantization::equalizablePairs(*networkOf(twice)), std::size_t{0});
    }

    void smoothQuantKeepsTheFunction_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"smoothquant", "smoothquant0", "smoothquant0.8", "smoothquant1"}) {
            QTest::newRow(text) << QString(text);
        }
    }
    void smoothQuantKeepsTheFunction() {
        QFETCH(const QString, text);
        const SharedNetwork net = normalizedNetwork();
        const data::Samples samples = samplesOf({16, 5, 8});
        const SharedNetwork smooth = prepared(net, text.toUtf8().constData(), samples);
        QVERIFY(relativeDifference(outputs(*net, samples), outputs(*smooth, samples)) < 1e-5);
        // Folded into the normalization once; one Mul in front of the product that has none.
        QCOMPARE(smooth->graph->nodes.size(), net->graph->nodes.size() + 1);
        QCOMPARE(smooth->layers.size(), net->layers.size());
        const SharedNetwork images = unequalNetwork();
        const data::Samples pictures = samplesOf({20, 2, 8, 8});
        const SharedNetwork even = prepared(images, text.toUtf8().constData(), pictures);
        QVERIFY(relativeDifference(outputs(*images, pictures), outputs(*even, pictures)) < 1e-5);
    }

    void smoothQuantSharesTheRangeByAlpha() {
        // With alpha 1 every channel of the input reaches 1, with alpha 0 every weight channel
        // does.
        const SharedNetwork net = normalizedNetwork();
        const data::Samples samples = samplesOf({16, 5, 8});
        const SharedNetwork weights = prepared(net, "smoothquant0", samples);
        const Array& q = weights->graph->initializers.at("wq");
        const Array& k = weights->graph->initializers.at("wk");
        for (std::size_t channel = 0; channel < 8; ++channel) {
            float largest = 0;
            for (std::size_t i = channel * 6; i < channel * 6 + 6; ++i) {
                largest =
                    std::max({largest, std::fabs(q.as<float>()[i]), std::fabs(k.as<float>()[i])});
            }
            QVERIFY(std::fabs(largest - 1) < 1e-5F);
        }
    }

    void batchNormIsReestimatedInOrder() {
        testing::GraphBuilder builder;
        builder.input("x", {0, 2, 4, 4})
            .stored("scale", Array::of<float>({2}, {2, 3}))
            .stored("shift", Array::of<float>({2}, {1, -1}))
            .stored("mean", Array::of<float>({2}, {5, 5}))
            .stored("variance", Array::of<float>({2}, {9, 9}))
            .stored("mean2", Array::of<float>({2}, {5, 5}))
            .stored("variance2", Array::of<float>({2}, {9, 9}))
            .stored("w", testing::someArray({3, 2, 3, 3}, 4))
            .node("BatchNormalization", {"x", "scale", "shift", "mean", "variance"}, {"a"})
            .node("Relu", {"a"}, {"r"})
            .node("BatchNormalization", {"r", "scale", "shift", "mean2", "variance2"}, {"b"})
            .node("Conv", {"b", "w"}, {"y"})
            .output("y");
        const SharedNetwork net = networkOf(builder);
        const data::Samples samples = samplesOf({100, 2, 4, 4});
        const SharedNetwork fitted = prepared(net, "batchnorm", samples);
        const std::span<const float> x = samples.inputs.at("x").as<float>();
        double mean = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            mean += i / 16 % 2 == 0 ? static_cast<double>(x[i]) / 1600 : 0;
        }
        QVERIFY(
            std::fabs(static_cast<double>(fitted->graph->initializers.at("mean").as<float>()[0]) -
                      mean) < 1e-6);
        // Behind the first one, channels have mean 1 and deviation 2 before the rectifier: the
        // second is measured behind the first as it is now. E max(0, 1 + 2 z) for this data is
        // near 1.4, and not what the stored statistics of the first would give.
        const float second = fitted->graph->initializers.at("mean2").as<float>()[0];
        QVERIFY(second > 1.1F && second < 1.6F);
        // Nothing moves when the statistics are those of the samples already.
        const SharedNetwork again = prepared(fitted, "batchnorm", samples);
        QVERIFY(relativeDifference(outputs(*fitted, samples), outputs(*again, samples)) < 1e-5);
    }
};

QTEST_APPLESS_MAIN(TstPreparation)
#include "tst_preparation.moc"
