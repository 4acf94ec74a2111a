// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/insert_quantizers.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/exporters/raise_opset.h"

namespace bitloupe::exporters {

namespace {

using network::Graph;
using network::Layer;
using network::Node;

/// What makes two activation quantizers the same: the edge and how it is rounded.
std::string activationKey(const std::string& edge,
                          const quantization::ActivationRounding& rounding) {
    return edge + '\n' + rounding.format.name() + '\n' +
           text::number(rounding.options.scaling.scale) + '\n' +
           text::number(rounding.options.scaling.zeroPoint);
}

class Inserter {
public:
    Inserter(const ResolvedDesign& design, Graph graph, QuantizerWriter& writer)
        : m_design(design), m_graph(std::move(graph)), m_writer(writer) {}

    Graph insert() {
        std::vector<Node> original = std::move(m_graph.nodes);
        m_graph.nodes.clear();
        insertWeights();
        for (Node& node : original) {
            insertActivations(node);
            m_graph.nodes.push_back(std::move(node));
        }
        return std::move(m_graph);
    }

private:
    void insertWeights() {
        std::set<std::string> written;
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            if (!m_design.weights[i].has_value() || !written.insert(layers[i].weight).second) {
                continue;
            }
            const quantization::Quantizer& quantizer = *m_design.assignment[i].weights;
            if (quantizer.format.isIdentity()) {  // pruned and not rounded
                m_graph.initializers[layers[i].weight] = m_design.weights[i]->values;
            } else {
                m_writer.writeWeights(m_graph, layers[i], quantizer, *m_design.weights[i]);
            }
        }
    }

    void insertActivations(Node& node) {
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const bool here =
                m_design.network->graph->nodes[layers[i].node].outputs == node.outputs;
            if (!here) {
                continue;
            }
            round(node, layers[i].input, layers[i].name + "_in", m_design.activations[i]);
            if (i < m_design.secondActivations.size()) {
                round(node, layers[i].secondInput, layers[i].name + "_in2",
                      m_design.secondActivations[i]);
            }
        }
    }

    /// Lets `node` read the rounded `edge`, which is rounded once for all that round it alike.
    void round(Node& node, const std::string& edge, const std::string& name,
               const std::optional<quantization::ActivationRounding>& rounding) {
        if (!rounding.has_value()) {
            return;
        }
        auto [rounded, isNew] = m_edges.try_emplace(activationKey(edge, *rounding));
        if (isNew) {
            rounded->second = m_writer.writeActivation(m_graph, edge, name, *rounding);
        }
        std::replace(node.inputs.begin(), node.inputs.end(), edge, rounded->second);
    }

    const ResolvedDesign& m_design;
    Graph m_graph;
    QuantizerWriter& m_writer;
    std::map<std::string, std::string> m_edges;
};

}  // namespace

Result<Graph> insertQuantizers(const ResolvedDesign& design, std::int64_t opset,
                               QuantizerWriter& writer) {
    Result<Graph> graph = raiseOpset(*design.network->graph, opset);
    if (graph.hasError()) {
        return graph.error();
    }
    return Inserter(design, std::move(graph).value(), writer).insert();
}

void addScaling(Graph& graph, Node& node, const std::string& name, const Array& scale,
                const Array& zeroPoint) {
    graph.initializers[name + "_scale"] = scale;
    graph.initializers[name + "_zero"] = zeroPoint;
    node.inputs.push_back(name + "_scale");
    node.inputs.push_back(name + "_zero");
}

Array scalarArray(float value) {
    return Array::of({}, std::vector<float>{value});
}

}  // namespace bitloupe::exporters
