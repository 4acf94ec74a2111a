// SPDX-License-Identifier: Apache-2.0
#include <QtTest/QTest>

#include "core/execution/executor.h"
#include "core/execution/population_runner.h"
#include "core/exploration/calibration.h"
#include "tests/support/graph_builder.h"

using namespace bitloupe;
using Inputs = std::map<std::string, Array>;

namespace {

constexpr std::int64_t kSamples = 5;
constexpr std::int64_t kPlaces = 6;
constexpr std::int64_t kWidth = 3;

/// Places of each sample that are filled; what stands in the others is huge.
std::int64_t filled(std::int64_t sample) {
    return 1 + sample;
}

Inputs padded() {
    std::vector<float> x;
    std::vector<float> mask;
    const Array some = testing::someArray({kSamples, kPlaces, kWidth}, 1);
    for (std::int64_t i = 0; i < kSamples * kPlaces; ++i) {
        const bool isFilled = i % kPlaces < filled(i / kPlaces);
        mask.push_back(isFilled ? 1.0F : 0.0F);
        for (std::int64_t k = 0; k < kWidth; ++k) {
            x.push_back(isFilled ? some.as<float>()[static_cast<std::size_t>(i * kWidth + k)]
                                 : 1e6F);
        }
    }
    return {{"x", Array::of({kSamples, kPlaces, kWidth}, x)},
            {"mask", Array::of({kSamples, kPlaces, 1}, mask)}};
}

/// Two dense layers for every place, a sum over the places with or without a mask before it, and a
/// third layer.
std::shared_ptr<const network::Network> placewise(bool usesMask) {
    testing::GraphBuilder builder;
    builder.input("x", {0, kPlaces, kWidth})
        .input("mask", {0, kPlaces, 1})
        .stored("w1", testing::someArray({kWidth, 4}, 2))
        .stored("w2", testing::someArray({4, 4}, 3))
        .stored("w3", testing::someArray({4, 2}, 4))
        .stored("axes", Array::of<std::int64_t>({1}, std::vector<std::int64_t>{1}))
        .node("MatMul", {"x", "w1"}, {"a"})
        .node("Relu", {"a"}, {"b"})
        .node("MatMul", {"b", "w2"}, {"c"})
        .node("Relu", {"c"}, {"d"});
    if (usesMask) {
        builder.node("Mul", {"d", "mask"}, {"e"});
    } else {
        builder.node("Add", {"d", "mask"}, {"e"});
    }
    builder.node("ReduceSum", {"e", "axes"}, {"f"}, {{"keepdims", std::int64_t{0}}})
        .node("MatMul", {"f", "w3"}, {"y"})
        .node("Softmax", {"y"}, {"p"}, {{"axis", std::int64_t{-1}}})
        .output("p");
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : padded()) {
        shapes[name] = array.shape();
    }
    auto made = execution::makeNetwork(builder.graph(), "", shapes);
    return std::make_shared<const network::Network>(std::move(made).value());
}

/// By layer, the flags of all batches.
std::vector<std::vector<bool>> reachedBy(const std::shared_ptr<const network::Network>& network,
                                         const Inputs& inputs) {
    const auto runner = execution::PopulationRunner::prepare(network);
    std::vector<std::vector<bool>> reached(network->layers.size());
    const auto visited = runner.value().visitLayerInputs(
        inputs, [&reached](std::size_t layer, execution::Operand, std::span<const float>,
                           const std::vector<bool>& counts) {
            reached[layer].insert(reached[layer].end(), counts.begin(), counts.end());
        });
    return visited.hasValue() ? reached : std::vector<std::vector<bool>>();
}

}  // namespace

/// Which inputs of layers the outputs depend on.
class TstOutputReach : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aMaskTakesPaddingOut() {
        const auto reached = reachedBy(placewise(true), padded());
        QCOMPARE(reached.size(), std::size_t{3});
        for (const std::size_t layer : {0, 1}) {
            const std::int64_t width = layer == 0 ? kWidth : 4;
            QCOMPARE(reached[layer].size(), static_cast<std::size_t>(kSamples * kPlaces * width));
            for (std::int64_t i = 0; i < kSamples * kPlaces * width; ++i) {
                const std::int64_t place = i / width;
                QCOMPARE(reached[layer][static_cast<std::size_t>(i)],
                         place % kPlaces < filled(place / kPlaces));
            }
        }
        QVERIFY(reached[2].empty());  // behind the mask everything counts
    }

    void withoutAMaskEverythingCounts() {
        for (const std::vector<bool>& layer : reachedBy(placewise(false), padded())) {
            QVERIFY(layer.empty());
        }
    }

    /// What loses against a maximum has no gradient, but another value may win.
    void whatMayStillCountIsNotLeftOut() {
        testing::GraphBuilder builder;
        builder.input("x", {0, 8})
            .stored("w", testing::someArray({8, 8}, 1))
            .stored("v", testing::someArray({1, 3}, 2))
            .stored("axes", Array::of<std::int64_t>({1}, std::vector<std::int64_t>{1}))
            .node("MatMul", {"x", "w"}, {"a"})
            .node("Exp", {"a"}, {"b"})
            .node("Mul", {"b", "b"}, {"c"})
            .node("ReduceMax", {"x", "axes"}, {"top"})
            .node("ReduceMax", {"c", "axes"}, {"d"})
            .node("MatMul", {"d", "v"}, {"e"})
            .node("MatMul", {"top", "v"}, {"f"})
            .node("Add", {"e", "f"}, {"y"})
            .output("y");
        const Inputs inputs = {{"x", testing::someArray({6, 8}, 3)}};
        auto made = execution::makeNetwork(builder.graph(), "", {{"x", {6, 8}}});
        const auto reached =
            reachedBy(std::make_shared<const network::Network>(std::move(made).value()), inputs);
        for (const std::vector<bool>& layer : reached) {
            QVERIFY(layer.empty());
        }
    }

    void rangesDoNotCoverPadding() {
        const auto network = placewise(true);
        const auto runner = execution::PopulationRunner::prepare(network);
        data::Samples samples;
        samples.inputs = padded();
        const auto statistics = exploration::calibrate(runner.value(), 3, samples);
        QVERIFY(statistics.value()[0].first.maximum < 10);
        QVERIFY(statistics.value()[1].first.maximum < 100);
        std::size_t values = 0;
        for (std::int64_t sample = 0; sample < kSamples; ++sample) {
            values += static_cast<std::size_t>(filled(sample) * kWidth);
        }
        QCOMPARE(statistics.value()[0].first.sample.size(), values);
    }
};

QTEST_GUILESS_MAIN(TstOutputReach)
#include "tst_output_reach.moc"
