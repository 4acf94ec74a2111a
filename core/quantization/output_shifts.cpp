// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/output_shifts.h"

#include <algorithm>

#include "core/network/graph_index.h"

namespace bitloupe::quantization {

namespace {

using network::Layer;
using network::Node;

constexpr std::size_t kBias = 2;

/// A name that no edge and no initializer has.
std::string freshName(const network::Graph& graph, const std::string& wanted) {
    const network::GraphIndex index(graph);
    std::string name = wanted;
    for (int number = 2; graph.initializers.contains(name) || index.maker(name).has_value() ||
                         !index.readers(name).empty();
         ++number) {
        name = wanted + "_" + std::to_string(number);
    }
    return name;
}

/// Whether the node itself takes a bias of one value a channel.
bool takesBias(const Node& node) {
    return node.operatorType == "Conv" || node.operatorType == "ConvTranspose" ||
           (node.operatorType == "Gemm" && network::attributeOr(node, "beta", 1.0F) == 1.0F);
}

void addToBias(network::Graph& graph, Layer& layer, const std::vector<float>& shift) {
    Node& node = graph.nodes[layer.node];
    std::vector<float> bias = shift;
    const auto stored = graph.initializers.find(network::inputOr(node, kBias));
    if (stored != graph.initializers.end()) {
        const std::span<const float> before = stored->second.as<float>();
        for (std::size_t c = 0; c < bias.size(); ++c) {
            bias[c] += before[before.size() == 1 ? 0 : c];
        }
    }
    const std::string name = freshName(graph, layer.name + ".corrected_bias");
    graph.initializers.insert_or_assign(
        name, Array::of<float>({static_cast<std::int64_t>(bias.size())}, bias));
    node.inputs.resize(kBias + 1);
    node.inputs[kBias] = name;
    layer.bias = name;
}

/// Puts an Add behind the node that makes the layer's output.
void addBehind(network::Network& network, network::Graph& graph, std::size_t index,
               const std::vector<float>& shift) {
    Layer& layer = network.layers[index];
    Node& node = graph.nodes[layer.node];
    const std::string made = freshName(graph, node.outputs.front() + "_uncorrected");
    const std::string name = freshName(graph, layer.name + ".correction");
    Node add;
    add.name = name;
    add.operatorType = "Add";
    add.inputs = {made, name};
    add.outputs = {node.outputs.front()};
    add.remark = "bias correction of " + layer.name;
    node.outputs.front() = made;
    const bool leftWeight = network::inputOr(node, 0) != layer.input;
    Shape shape = {static_cast<std::int64_t>(shift.size())};
    if (leftWeight) {
        shape.push_back(1);
    }
    graph.initializers.insert_or_assign(name, Array::of<float>(shape, shift));
    const std::size_t place = layer.node + 1;
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(place), add);
    for (Layer& other : network.layers) {
        other.node += other.node >= place ? 1 : 0;
    }
}

}  // namespace

bool hasOutputShifts(std::span<const std::optional<QuantizedWeights>> weights) {
    return std::any_of(weights.begin(), weights.end(),
                       [](const auto& layer) { return layer && !layer->outputShift.empty(); });
}

network::Network withOutputShifts(const network::Network& original,
                                  std::span<const std::optional<QuantizedWeights>> weights) {
    network::Network network = original;
    network::Graph graph = *original.graph;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (!weights[i] || weights[i]->outputShift.empty()) {
            continue;
        }
        const Node& node = graph.nodes[network.layers[i].node];
        const std::string bias = network::inputOr(node, kBias);
        const auto stored = graph.initializers.find(bias);
        const auto channels = static_cast<std::int64_t>(weights[i]->outputShift.size());
        const bool plain = bias.empty() || (stored != graph.initializers.end() &&
                                            stored->second.type() == ElementType::Float32 &&
                                            stored->second.size() == channels);
        if (takesBias(node) && plain) {
            addToBias(graph, network.layers[i], weights[i]->outputShift);
        } else {
            addBehind(network, graph, i, weights[i]->outputShift);
        }
    }
    network.graph = std::make_shared<const network::Graph>(std::move(graph));
    return network;
}

}  // namespace bitloupe::quantization
