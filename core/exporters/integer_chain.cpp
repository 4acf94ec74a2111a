// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_chain.h"

#include <algorithm>
#include <set>

#include "core/network/graph_index.h"

namespace bitloupe::exporters {

namespace {

using network::attributeOr;
using network::Node;
using Integers = std::vector<std::int64_t>;

Integers integersOr(const Node& node, const std::string& name, Integers fallback) {
    const auto given = attributeOr(node, name, Integers());
    return given.empty() ? fallback : given;
}

/// Walks the nodes in order along the one edge that carries the sample.
class Walk {
public:
    explicit Walk(const network::Network& network) : m_network(network), m_index(*network.graph) {}

    IntegerChain run() {
        const network::Graph& graph = *m_network.graph;
        if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
            return refused("the network has more than one input or output");
        }
        for (std::size_t i = 1; i < graph.inputs.front().shape.size(); ++i) {
            const auto& size = graph.inputs.front().shape[i].value;
            if (!size) {
                return refused("the size of the input " + graph.inputs.front().name +
                               " is not fixed");
            }
            m_chain.input.push_back(*size);
        }
        m_edge = graph.inputs.front().name;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const std::string trouble = visit(i);
            if (!trouble.empty()) {
                return refused(trouble);
            }
        }
        if (m_edge != graph.outputs.front().name) {
            return refused("the network's output does not come from its last node");
        }
        if (m_chain.layers.empty()) {
            return refused("the network has no layer");
        }
        requantize();
        return std::move(m_chain);
    }

private:
    static IntegerChain refused(std::string sentence) {
        IntegerChain chain;
        chain.obstacle = std::move(sentence);
        return chain;
    }

    std::string visit(std::size_t at) {
        const Node& node = m_network.graph->nodes[at];
        const std::string where = node.operatorType + " (node " + node.name + ")";
        if (network::inputOr(node, 0) != m_edge || m_index.readers(m_edge).size() != 1 ||
            node.outputs.size() != 1 || (m_index.isOutput(m_edge) && !m_chain.layers.empty())) {
            return where + " makes a branch, and the integer form is one chain";
        }
        m_edge = node.outputs.front();
        const auto layer = std::find_if(m_network.layers.begin(), m_network.layers.end(),
                                        [&](const network::Layer& l) { return l.node == at; });
        if (layer != m_network.layers.end()) {
            return addLayer(node, static_cast<std::size_t>(layer - m_network.layers.begin()));
        }
        return addBetween(node, where);
    }

    std::string addLayer(const Node& node, std::size_t index) {
        const network::Layer& layer = m_network.layers[index];
        if (m_chain.layers.empty()) {
            m_chain.steps.push_back({"quantize", layer.name, {}});
        }
        requantize();
        m_chain.layers.push_back(index);
        m_chain.summed.push_back(1);
        if (node.operatorType == "Conv" && layer.weightShape.size() == 4) {
            if (attributeOr(node, "auto_pad", std::string("NOTSET")) != "NOTSET") {
                return layer.name + ": its padding is automatic; the integer form needs numbers";
            }
            m_chain.steps.push_back({"conv",
                                     layer.name,
                                     {{"strides", integersOr(node, "strides", {1, 1})},
                                      {"pads", integersOr(node, "pads", {0, 0, 0, 0})},
                                      {"dilations", integersOr(node, "dilations", {1, 1})},
                                      {"group", {attributeOr(node, "group", std::int64_t{1})}}}});
            return {};
        }
        const bool plain = attributeOr(node, "alpha", 1.0F) == 1.0F &&
                           attributeOr(node, "beta", 1.0F) == 1.0F &&
                           attributeOr(node, "transA", std::int64_t{0}) == 0;
        const bool dense = node.operatorType == "Gemm" || node.operatorType == "MatMul";
        if (!dense || !plain || layer.weightShape.size() != 2 || layer.gemm.m != 1) {
            return layer.name +
                   ": only dense layers and two-dimensional convolutions have an "
                   "integer form";
        }
        m_chain.steps.push_back({"dense", layer.name, {}});
        return {};
    }

    std::string addBetween(const Node& node, const std::string& where) {
        static const std::set<std::string> kShapes = {"Flatten", "Reshape", "Squeeze", "Unsqueeze"};
        static const std::set<std::string> kNothing = {"Identity", "Dropout"};
        const bool pool = node.operatorType == "MaxPool" || node.operatorType == "AveragePool";
        if (kShapes.contains(node.operatorType)) {
            m_chain.steps.push_back({"flatten", "", {}});
        } else if (node.operatorType == "Relu") {
            m_chain.steps.push_back({"relu", "", {}});
        } else if (pool) {
            return addPool(node, where);
        } else if (node.operatorType == "Softmax" && m_index.isOutput(m_edge)) {
            return {};  // keeps the order of the outputs
        } else if (node.operatorType == "Add" && !m_chain.layers.empty() &&
                   m_network.layers[m_chain.layers.back()].bias == network::inputOr(node, 1)) {
            return {};  // the bias of the MatMul before
        } else if (!kNothing.contains(node.operatorType)) {
            return where + " has no integer form; ReLU, pooling and changes of shape have one";
        }
        return {};
    }

    std::string addPool(const Node& node, const std::string& where) {
        const Integers kernel = attributeOr(node, "kernel_shape", Integers());
        const Integers pads = integersOr(node, "pads", {0, 0, 0, 0});
        const bool padded = std::any_of(pads.begin(), pads.end(), [](auto p) { return p != 0; });
        const bool average = node.operatorType == "AveragePool";
        const bool fits =
            kernel.size() == 2 && !m_chain.layers.empty() &&
            attributeOr(node, "ceil_mode", std::int64_t{0}) == 0 &&
            attributeOr(node, "auto_pad", std::string("NOTSET")) == "NOTSET" &&
            integersOr(node, "dilations", {1, 1}) == Integers{1, 1} &&
            (!average || !padded || attributeOr(node, "count_include_pad", std::int64_t{0}) != 0);
        if (!fits) {
            return where + " pools in a way that the integer form does not have";
        }
        m_chain.steps.push_back({average ? "average_pool" : "max_pool",
                                 "",
                                 {{"kernel", kernel},
                                  {"strides", integersOr(node, "strides", {1, 1})},
                                  {"pads", pads}}});
        if (average) {
            m_chain.summed.back() *= kernel[0] * kernel[1];
        }
        return {};
    }

    /// The layer before hands its result on: before changes of shape, which lose the channels.
    void requantize() {
        if (m_chain.layers.empty()) {
            return;
        }
        auto place = m_chain.steps.end();
        while (std::prev(place)->operation == "flatten") {
            --place;
        }
        m_chain.steps.insert(place,
                             {"requantize", m_network.layers[m_chain.layers.back()].name, {}});
    }

    const network::Network& m_network;
    network::GraphIndex m_index;
    IntegerChain m_chain;
    std::string m_edge;
};

}  // namespace

IntegerChain integerChain(const network::Network& network) {
    return Walk(network).run();
}

}  // namespace bitloupe::exporters
