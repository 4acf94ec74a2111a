// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/preparation.h"

#include <algorithm>
#include <cmath>

#include "core/execution/executor.h"
#include "core/execution/population_runner.h"
#include "core/quantization/preparation/equalize.h"
#include "core/quantization/preparation/smooth_quant.h"

namespace bitloupe::exploration {

namespace {

using network::Graph;
using network::Network;
using quantization::Preparation;

using SharedNetwork = std::shared_ptr<const Network>;

/// Largest magnitudes by input channel of each layer; empty where there are no channels.
Result<std::vector<std::vector<float>>> channelMaxima(const SharedNetwork& network,
                                                      const data::Samples& samples) {
    const auto runner = execution::PopulationRunner::prepare(network);
    if (runner.hasError()) {
        return runner.error();
    }
    std::vector<std::vector<float>> maxima(network->layers.size());
    const Result<void> visited = runner.value().visitLayerInputs(
        samples.inputs, [&](std::size_t index, execution::Operand operand,
                            std::span<const float> values, const std::vector<bool>& counts) {
            const network::Layer& layer = network->layers[index];
            if (operand != execution::Operand::First) {
                return;
            }
            const bool convolution = layer.operatorType == "Conv";
            if (layer.inputShape.size() < 2) {
                return;
            }
            const auto channels = static_cast<std::size_t>(convolution ? layer.inputShape[1]
                                                                       : layer.inputShape.back());
            const auto inner =
                convolution
                    ? static_cast<std::size_t>(elementCount(std::span(layer.inputShape).subspan(2)))
                    : std::size_t{1};
            std::vector<float>& largest = maxima[index];
            largest.resize(channels, 0.0F);
            for (std::size_t i = 0; channels * inner > 0 && i < values.size(); ++i) {
                float& known = largest[i / inner % channels];
                known = counts.empty() || counts[i] ? std::max(known, std::fabs(values[i])) : known;
            }
        });
    return visited.hasError() ? Result<std::vector<std::vector<float>>>(visited.error()) : maxima;
}

/// Sums over what reaches one batch normalization, by channel.
struct ChannelSums {
    std::vector<double> sum;
    std::vector<double> squares;
    double count = 0;

    void add(const Array& values, std::size_t channels) {
        sum.resize(channels, 0.0);
        squares.resize(channels, 0.0);
        const std::span<const float> all = values.as<float>();
        const auto inner = static_cast<std::size_t>(elementCount(
            std::span(values.shape()).subspan(std::min<std::size_t>(2, values.shape().size()))));
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto value = static_cast<double>(all[i]);
            sum[i / inner % channels] += value;
            squares[i / inner % channels] += value * value;
        }
        count += static_cast<double>(all.size() / channels);
    }
};

Result<ChannelSums> sumsBefore(const Graph& graph, std::size_t node, std::size_t channels,
                               const data::Samples& samples) {
    constexpr std::int64_t kSamplesAtOnce = 64;
    Graph part = graph;
    part.nodes.resize(node);
    part.outputs = {{graph.nodes[node].inputs.front(), ElementType::Float32, {}}};
    const auto executor = execution::Executor::prepare(std::make_shared<const Graph>(part));
    if (executor.hasError()) {
        return executor.error();
    }
    ChannelSums sums;
    for (std::int64_t first = 0; first < samples.count(); first += kSamplesAtOnce) {
        const std::int64_t count = std::min(kSamplesAtOnce, samples.count() - first);
        const auto output = executor.value().run(samples.slice(first, count).inputs);
        if (output.hasError()) {
            return output.error().within("calibration samples");
        }
        sums.add(output.value().front(), channels);
    }
    return sums;
}

Result<Graph> withReestimatedBatchNormalization(const Network& network,
                                                const data::Samples& samples) {
    Graph graph = *network.graph;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const network::Node& node = graph.nodes[i];
        constexpr std::size_t kMean = 3;
        constexpr std::size_t kVariance = 4;
        if (node.operatorType != "BatchNormalization" || node.inputs.size() <= kVariance ||
            !graph.initializers.contains(node.inputs[kMean]) ||
            !graph.initializers.contains(node.inputs[kVariance])) {
            continue;
        }
        const Shape shape = graph.initializers.at(node.inputs[kMean]).shape();
        const auto channels = static_cast<std::size_t>(elementCount(shape));
        const Result<ChannelSums> sums = sumsBefore(graph, i, channels, samples);
        if (sums.hasError()) {
            return sums.error();
        }
        std::vector<float> mean(channels);
        std::vector<float> variance(channels);
        for (std::size_t c = 0; c < channels; ++c) {
            const double average = sums.value().sum[c] / sums.value().count;
            mean[c] = static_cast<float>(average);
            variance[c] = static_cast<float>(
                std::max(0.0, sums.value().squares[c] / sums.value().count - average * average));
        }
        graph.initializers.insert_or_assign(node.inputs[kMean], Array::of<float>(shape, mean));
        graph.initializers.insert_or_assign(node.inputs[kVariance],
                                            Array::of<float>(shape, variance));
    }
    return graph;
}

Result<Graph> prepare(const SharedNetwork& network, const Preparation& preparation,
                      const data::Samples& samples) {
    switch (preparation.kind) {
        case Preparation::Kind::Equalize:
            return quantization::equalized(*network);
        case Preparation::Kind::SmoothQuant: {
            const auto maxima = channelMaxima(network, samples);
            if (maxima.hasError()) {
                return maxima.error();
            }
            return quantization::smoothed(*network, maxima.value(), preparation.alpha);
        }
        case Preparation::Kind::BatchNorm:
            return withReestimatedBatchNormalization(*network, samples);
    }
    return *network->graph;
}

std::map<std::string, Shape> sampleShapes(const data::Samples& samples) {
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : samples.inputs) {
        Shape shape = array.shape();
        shape.front() = 1;
        shapes.emplace(name, std::move(shape));
    }
    return shapes;
}

}  // namespace

Result<SharedNetwork> prepareNetwork(SharedNetwork network,
                                     std::span<const Preparation> preparations,
                                     const data::Samples& calibration) {
    for (const Preparation& preparation : preparations) {
        Result<Graph> graph = prepare(network, preparation, calibration);
        if (graph.hasError()) {
            return graph.error();
        }
        Result<Network> made =
            execution::makeNetwork(std::make_shared<const Graph>(std::move(graph).value()),
                                   network->source, sampleShapes(calibration));
        if (made.hasError()) {
            return made.error().within("preparation " + preparation.name());
        }
        network = std::make_shared<const Network>(std::move(made).value());
    }
    return network;
}

}  // namespace bitloupe::exploration
