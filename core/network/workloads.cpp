// SPDX-License-Identifier: Apache-2.0
#include "core/network/workloads.h"

#include <map>
#include <optional>
#include <set>

#include "core/network/graph_index.h"

namespace bitloupe::network {

namespace {

/// Passes over the data that an operator makes; 0 for operators that are not element-wise.
int passesOf(const std::string& operatorType) {
    static const std::map<std::string, int> kPasses = {{"Add", 1},
                                                       {"Sub", 1},
                                                       {"Mul", 1},
                                                       {"Div", 1},
                                                       {"Relu", 1},
                                                       {"LeakyRelu", 1},
                                                       {"PRelu", 1},
                                                       {"Elu", 1},
                                                       {"Selu", 1},
                                                       {"Sigmoid", 1},
                                                       {"HardSigmoid", 1},
                                                       {"HardSwish", 1},
                                                       {"Tanh", 1},
                                                       {"Gelu", 1},
                                                       {"Erf", 1},
                                                       {"Softplus", 1},
                                                       {"Clip", 1},
                                                       {"Exp", 1},
                                                       {"Sqrt", 1},
                                                       {"Pow", 1},
                                                       {"Neg", 1},
                                                       {"Reciprocal", 1},
                                                       {"Mish", 1},
                                                       {"BatchNormalization", 2},
                                                       {"Softmax", 3},
                                                       {"LogSoftmax", 3},
                                                       {"LayerNormalization", 3},
                                                       {"InstanceNormalization", 3},
                                                       {"GroupNormalization", 3}};
    const auto found = kPasses.find(operatorType);
    return found == kPasses.end() ? 0 : found->second;
}

/// Operators that hand every value on unchanged.
bool keepsElements(const std::string& operatorType) {
    static const std::set<std::string> kKeeping = {"Reshape",  "Flatten",   "Squeeze", "Unsqueeze",
                                                   "Identity", "Transpose", "Dropout"};
    return kKeeping.count(operatorType) > 0;
}

hardware::Workload workloadOf(const Layer& layer) {
    hardware::Workload workload;
    workload.name = layer.name;
    workload.gemm = layer.gemm;
    const bool convolution = layer.operatorType == "Conv" && layer.weightShape.size() > 2 &&
                             layer.inputShape.size() == layer.weightShape.size() &&
                             layer.weightShape[1] > 0;
    if (convolution) {
        const std::int64_t groups =
            std::max<std::int64_t>(1, layer.inputShape[1] / layer.weightShape[1]);
        workload.inputElements = elementCount(std::span(layer.inputShape).subspan(1)) / groups;
        workload.haloElements = layer.weightShape[2] * layer.weightShape[1] *
                                elementCount(std::span(layer.inputShape).subspan(3));
    }
    return workload;
}

/// Walks the graph once, with the size of every edge as far as it is known.
class Walk {
public:
    explicit Walk(const Network& network) : m_network(network), m_index(*network.graph) {
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            const Layer& layer = network.layers[i];
            m_layerOfNode[layer.node] = i;
            if (!layer.inputShape.empty()) {
                m_elements[layer.input] = elementCount(layer.inputShape);
            }
            m_workloads.push_back(workloadOf(layer));
        }
    }

    std::vector<hardware::Workload> run() {
        std::optional<std::size_t> latest;
        const std::vector<Node>& nodes = m_network.graph->nodes;
        for (std::size_t node = 0; node < nodes.size(); ++node) {
            const auto layer = m_layerOfNode.find(node);
            if (layer != m_layerOfNode.end()) {
                visitLayer(layer->second, nodes[node]);
                latest = layer->second;
            } else if (!nodes[node].outputs.empty()) {
                visitOther(nodes[node], latest);
            }
        }
        return std::move(m_workloads);
    }

private:
    void visitLayer(std::size_t layer, const Node& node) {
        const Layer& described = m_network.layers[layer];
        const auto source = m_writer.find(described.input);
        m_workloads[layer].inputIsPreviousOutput = layer > 0 && source != m_writer.end() &&
                                                   source->second + 1 == layer &&
                                                   m_index.readers(described.input).size() == 1;
        if (node.outputs.empty()) {
            return;
        }
        m_elements[node.outputs.front()] = elementCount(described.outputShape);
        m_writer[node.outputs.front()] = layer;
    }

    void visitOther(const Node& node, std::optional<std::size_t> latest) {
        const int passes = passesOf(node.operatorType);
        const std::string& output = node.outputs.front();
        std::int64_t elements = 0;
        std::optional<std::size_t> writer;
        int computedInputs = 0;
        for (const std::string& input : node.inputs) {
            const auto known = m_elements.find(input);
            elements = std::max(elements, known == m_elements.end() ? 0 : known->second);
            computedInputs += input.empty() || m_index.initializer(input) != nullptr ? 0 : 1;
            const auto made = m_writer.find(input);
            if (made != m_writer.end() && m_index.readers(input).size() == 1) {
                writer = made->second;
            }
        }
        if (computedInputs > 1) {
            writer.reset();  // two results meet: neither alone is what the next layer reads
        }
        if (passes > 0 && latest) {
            m_workloads[*latest].vectorOperations += elements * passes;
        }
        if (passes > 0 || keepsElements(node.operatorType)) {
            if (elements > 0) {
                m_elements.try_emplace(output, elements);
            }
            if (writer && !m_index.isOutput(output)) {
                m_writer[output] = *writer;
            }
        }
    }

    const Network& m_network;
    GraphIndex m_index;
    std::map<std::size_t, std::size_t> m_layerOfNode;
    std::map<std::string, std::int64_t> m_elements;
    std::map<std::string, std::size_t> m_writer;  ///< the layer whose output an edge carries on
    std::vector<hardware::Workload> m_workloads;
};

}  // namespace

std::vector<hardware::Workload> workloadsOf(const Network& network) {
    return Walk(network).run();
}

hardware::EngineLayer engineLayerOf(const Layer& layer) {
    if (layer.operatorType == "Conv" && layer.weightShape.size() == 4 &&
        layer.inputShape.size() == 4) {
        return {.height = layer.inputShape[2],
                .width = layer.inputShape[3],
                .inputChannels = layer.weightShape[1],
                .outputChannels = layer.gemm.n,
                .kernelHeight = layer.weightShape[2],
                .kernelWidth = layer.weightShape[3]};
    }
    return {.height = layer.gemm.m, .inputChannels = layer.gemm.k, .outputChannels = layer.gemm.n};
}

}  // namespace bitloupe::network
