// SPDX-License-Identifier: Apache-2.0
#include "core/network/tensor_flow.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace bitloupe::network {

namespace {

/// Results that are sizes, places or answers, not values of a number format.
bool makesNoValues(const std::string& operatorType) {
    static const std::set<std::string> kOthers = {
        "Shape",   "Size",           "ArgMax", "ArgMin", "NonZero", "Equal", "Less",  "LessOrEqual",
        "Greater", "GreaterOrEqual", "And",    "Or",     "Not",     "Xor",   "IsNaN", "IsInf"};
    return kOthers.contains(operatorType);
}

class Walk {
public:
    explicit Walk(const Network& network) : m_network(network) {
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            // The state inside a recurrent cell is the second layer of its node, and leaves it
            // with the first one's result.
            m_layerOfNode.try_emplace(network.layers[i].node, i);
            const Layer& layer = network.layers[i];
            if (!layer.input.empty() && !layer.inputShape.empty()) {
                m_elements[layer.input] = elementCount(layer.inputShape);
            }
        }
        for (const auto& [edge, shape] : network.shapes) {
            m_elements[edge] = elementCount(shape);
        }
    }

    TensorFlow run() {
        const std::vector<Node>& nodes = m_network.graph->nodes;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (const auto layer = m_layerOfNode.find(i); layer != m_layerOfNode.end()) {
                visitLayer(layer->second, nodes[i]);
            } else if (!makesNoValues(nodes[i].operatorType)) {
                visitOther(nodes[i]);
            }
        }
        return std::move(m_flow);
    }

private:
    void visitLayer(std::size_t index, const Node& node) {
        const Layer& layer = m_network.layers[index];
        const std::size_t point = m_flow.points.size();
        m_flow.points.push_back({.name = layer.name,
                                 .layer = index,
                                 .looksUp = layer.input.empty() && !layer.weight.empty()});
        read(layer.input, point);
        read(layer.secondInput, point);
        for (const std::string& output : node.outputs) {
            m_points[output] = point;
        }
    }

    void visitOther(const Node& node) {
        std::set<std::size_t> sources;
        for (const std::string& input : node.inputs) {
            if (const auto found = m_points.find(input); found != m_points.end()) {
                sources.insert(found->second);
            }
        }
        if (sources.empty()) {
            return;
        }
        std::size_t point = *sources.begin();
        if (sources.size() > 1) {
            point = m_flow.points.size();
            m_flow.points.push_back({.name = node.name,
                                     .layer = std::nullopt,
                                     .looksUp = false,
                                     .operands = {sources.begin(), sources.end()}});
            for (const std::string& input : node.inputs) {
                read(input, point);
            }
        }
        // The places that TopK finds are its second result.
        const std::size_t values = node.operatorType == "TopK" ? 1 : node.outputs.size();
        for (std::size_t i = 0; i < values; ++i) {
            m_points[node.outputs[i]] = point;
        }
    }

    void read(const std::string& edge, std::size_t reader) {
        const auto writer = m_points.find(edge);
        if (edge.empty() || writer == m_points.end()) {
            return;
        }
        const auto [tensor, isNew] = m_tensors.try_emplace(edge, m_flow.tensors.size());
        if (isNew) {
            const auto known = m_elements.find(edge);
            m_flow.tensors.push_back({.name = edge,
                                      .elements = known == m_elements.end() ? 0 : known->second,
                                      .writer = writer->second});
        }
        std::vector<std::size_t>& readers = m_flow.tensors[tensor->second].readers;
        if (readers.empty() || readers.back() != reader) {
            readers.push_back(reader);
        }
    }

    const Network& m_network;
    std::map<std::size_t, std::size_t> m_layerOfNode;
    std::map<std::string, std::int64_t> m_elements;
    std::map<std::string, std::size_t> m_points;   ///< by edge: where its format was decided
    std::map<std::string, std::size_t> m_tensors;  ///< by edge: its position in the flow
    TensorFlow m_flow;
};

}  // namespace

TensorFlow tensorFlowOf(const Network& network) {
    return network.graph == nullptr ? TensorFlow() : Walk(network).run();
}

}  // namespace bitloupe::network
