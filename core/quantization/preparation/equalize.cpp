// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/preparation/equalize.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "core/network/graph_index.h"
#include "core/quantization/channel_rows.h"
#include "core/quantization/preparation/input_channels.h"

namespace bitloupe::quantization {

namespace {

using network::GraphIndex;
using network::Node;

constexpr int kMostRounds = 50;
constexpr double kStill = 1e-4;  ///< a factor this near to 1 moves nothing

struct Pair {
    std::size_t first = 0;
    std::size_t second = 0;
    InputChannels channels;
};

/// Positive factors pass, channel by channel.
bool isHomogeneous(const Node& node) {
    static const std::set<std::string> kPassing = {"Relu",          "LeakyRelu",         "MaxPool",
                                                   "AveragePool",   "GlobalAveragePool", "Flatten",
                                                   "GlobalMaxPool", "Identity",          "Dropout"};
    return node.domain.empty() && kPassing.count(node.operatorType) > 0;
}

/// Whether the layer's outputs can be scaled by its weights and its own bias alone.
bool canScaleOutputs(const network::Network& network, const GraphIndex& index, std::size_t i) {
    const network::Layer& layer = network.layers[i];
    const Node& node = network.graph->nodes[layer.node];
    const bool plain = layer.operatorType == "Conv" || layer.operatorType == "Gemm";
    const std::string bias = network::inputOr(node, 2);
    const bool ownBias = bias.empty() || (bias == layer.bias && index.readers(bias).size() == 1);
    return plain && !layer.weight.empty() && index.readers(layer.weight).size() == 1 && ownBias &&
           network::inputOr(node, 1) == layer.weight;
}

std::vector<Pair> findPairs(const network::Network& network) {
    const GraphIndex index(*network.graph);
    std::map<std::size_t, std::size_t> layerOf;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        layerOf[network.layers[i].node] = i;
    }
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (!canScaleOutputs(network, index, i)) {
            continue;
        }
        std::string edge = network.graph->nodes[network.layers[i].node].outputs.front();
        while (index.readers(edge).size() == 1 && !index.isOutput(edge)) {
            const std::size_t reader = index.readers(edge).front();
            const Node& node = network.graph->nodes[reader];
            if (const auto next = layerOf.find(reader); next != layerOf.end()) {
                const network::Layer& second = network.layers[next->second];
                const auto channels = InputChannels::of(
                    network, next->second,
                    static_cast<std::size_t>(network.layers[i].weightShape[static_cast<std::size_t>(
                        network.layers[i].channelAxis)]));
                if (channels && second.input == edge &&
                    network::inputOr(node, 1) == second.weight &&
                    index.readers(second.weight).size() == 1) {
                    pairs.push_back({i, next->second, *channels});
                }
                break;
            }
            if (!isHomogeneous(node) || node.outputs.size() != 1) {
                break;
            }
            edge = node.outputs.front();
        }
    }
    return pairs;
}

/// One factor a channel; 1 where a side has nothing to go by.
std::vector<double> factorsOf(const std::vector<double>& first, const std::vector<double>& second) {
    std::vector<double> factors(first.size(), 1.0);
    for (std::size_t c = 0; c < factors.size(); ++c) {
        if (first[c] > 0 && second[c] > 0) {
            factors[c] = std::sqrt(first[c] / second[c]);  // sqrt(r1 r2) / r2
        }
    }
    return factors;
}

/// Divides every output channel of a layer, its bias included.
void divideOutputs(network::Graph& graph, const network::Layer& layer,
                   const std::vector<double>& factors) {
    Array& weight = graph.initializers.at(layer.weight);
    const ChannelRows rows = ChannelRows::of(weight.shape(), layer.channelAxis);
    std::vector<float> values = rows.toRows(weight.as<float>());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(static_cast<double>(values[i]) / factors[i / rows.length]);
    }
    weight = Array::of<float>(weight.shape(), rows.fromRows(values));
    const auto bias = graph.initializers.find(layer.bias);
    if (layer.bias.empty() || bias == graph.initializers.end()) {
        return;
    }
    std::vector<float> shifted(bias->second.as<float>().begin(), bias->second.as<float>().end());
    for (std::size_t c = 0; c < shifted.size(); ++c) {
        shifted[c] = static_cast<float>(static_cast<double>(shifted[c]) /
                                        factors[shifted.size() == factors.size() ? c : 0]);
    }
    bias->second = Array::of<float>(bias->second.shape(), shifted);
}

std::vector<double> outputRanges(const Array& weight, int channelAxis) {
    const ChannelRows rows = ChannelRows::of(weight.shape(), channelAxis);
    const std::vector<float> values = rows.toRows(weight.as<float>());
    std::vector<double> ranges(rows.count, 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        double& range = ranges[i / rows.length];
        range = std::max(range, std::fabs(static_cast<double>(values[i])));
    }
    return ranges;
}

/// Returns how far the farthest factor was from 1.
double equalize(network::Graph& graph, const network::Network& network, const Pair& pair) {
    const network::Layer& first = network.layers[pair.first];
    const network::Layer& second = network.layers[pair.second];
    const Array weight = graph.initializers.at(second.weight);
    const std::vector<double> factors =
        factorsOf(outputRanges(graph.initializers.at(first.weight), first.channelAxis),
                  pair.channels.largest(weight.as<float>()));
    divideOutputs(graph, first, factors);
    graph.initializers.at(second.weight) =
        Array::of<float>(weight.shape(), pair.channels.scaled(weight.as<float>(), factors));
    double farthest = 0;
    for (const double factor : factors) {
        farthest = std::max(farthest, std::fabs(factor - 1));
    }
    return farthest;
}

}  // namespace

std::size_t equalizablePairs(const network::Network& network) {
    return findPairs(network).size();
}

network::Graph equalized(const network::Network& network) {
    network::Graph graph = *network.graph;
    const std::vector<Pair> pairs = findPairs(network);
    for (int round = 0; round < kMostRounds; ++round) {
        double farthest = 0;
        for (const Pair& pair : pairs) {
            farthest = std::max(farthest, equalize(graph, network, pair));
        }
        if (farthest < kStill) {
            break;
        }
    }
    return graph;
}

}  // namespace bitloupe::quantization
