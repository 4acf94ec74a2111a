// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/insert_quantizers.h"

#include <algorithm>
#include <cmath>
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
std::string activationKey(const Layer& layer, const quantization::ActivationRounding& rounding) {
    return layer.input + '\n' + rounding.format.name() + '\n' +
           text::number(rounding.options.scaling.scale) + '\n' +
           text::number(rounding.options.scaling.zeroPoint);
}

class Inserter {
public:
    Inserter(const ResolvedDesign& design, Graph graph, const QuantizerWriter& writer)
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
            if (m_design.weights[i].has_value() && written.insert(layers[i].weight).second) {
                m_writer.writeWeights(m_graph, layers[i], *m_design.assignment[i].weights,
                                      *m_design.weights[i]);
            }
        }
    }

    void insertActivations(Node& node) {
        const auto& layers = m_design.network->layers;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const bool here =
                m_design.network->graph->nodes[layers[i].node].outputs == node.outputs;
            if (!here || !m_design.activations[i].has_value()) {
                continue;
            }
            const auto& rounding = *m_design.activations[i];
            auto [edge, isNew] = m_edges.try_emplace(activationKey(layers[i], rounding));
            if (isNew) {
                edge->second = m_writer.writeActivation(
                    m_graph, layers[i].input, layers[i].input + "_" + layers[i].name, rounding);
            }
            std::replace(node.inputs.begin(), node.inputs.end(), layers[i].input, edge->second);
        }
    }

    const ResolvedDesign& m_design;
    Graph m_graph;
    const QuantizerWriter& m_writer;
    std::map<std::string, std::string> m_edges;
};

}  // namespace

Result<Graph> insertQuantizers(const ResolvedDesign& design, std::int64_t opset,
                               const QuantizerWriter& writer) {
    Result<Graph> graph = raiseOpset(*design.network->graph, opset);
    if (graph.hasError()) {
        return graph.error();
    }
    return Inserter(design, std::move(graph).value(), writer).insert();
}

std::vector<std::string> sharedWeightObstacles(const ResolvedDesign& design) {
    std::vector<std::string> sentences;
    const auto& layers = design.network->layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!layers[i].weight.empty() && layers[i].weight == layers[j].weight &&
                design.assignment[i].weights != design.assignment[j].weights) {
                sentences.push_back(layers[i].name + ": its weights " + layers[i].weight +
                                    " are shared with " + layers[j].name +
                                    ", which quantizes them differently");
            }
        }
    }
    return sentences;
}

namespace {

/// Why one quantizer does not fit, or "".
std::string integerObstacle(const quantization::Quantizer& quantizer, const std::string& carrier,
                            int mostBits) {
    const numerics::NumberFormat& format = quantizer.format;
    if (format.isIdentity()) {
        return {};
    }
    if (format.family() != numerics::Family::Integer || format.bitsPerValue() > mostBits) {
        return format.name() + " does not fit " + carrier + "; integers of 2 to " +
               std::to_string(mostBits) + " bits do";
    }
    if (quantizer.granularity == quantization::Granularity::Group) {
        return quantizer.name() + " has group scales, " + carrier +
               " does not; choose @channel or @tensor";
    }
    return {};
}

}  // namespace

std::vector<std::string> integerObstacles(const ResolvedDesign& design, const std::string& carrier,
                                          int mostBits) {
    std::vector<std::string> sentences = sharedWeightObstacles(design);
    for (std::size_t i = 0; i < design.assignment.size(); ++i) {
        const quantization::LayerScheme& scheme = design.assignment[i];
        for (const auto* quantizer : {&scheme.weights, &scheme.activations}) {
            const std::string obstacle =
                quantizer->has_value() ? integerObstacle(**quantizer, carrier, mostBits) : "";
            if (!obstacle.empty()) {
                sentences.push_back(design.network->layers[i].name + ": " + obstacle);
            }
        }
    }
    return sentences;
}

void addScaling(Graph& graph, Node& node, const std::string& name, const Array& scale,
                const Array& zeroPoint) {
    graph.initializers[name + "_scale"] = scale;
    graph.initializers[name + "_zero_point"] = zeroPoint;
    node.inputs.push_back(name + "_scale");
    node.inputs.push_back(name + "_zero_point");
}

WeightScales weightScales(const quantization::QuantizedWeights& weights) {
    WeightScales found;
    for (const numerics::Scaling& scaling : weights.scalings) {
        found.scales.push_back(scaling.scale);
        found.zeroPoints.push_back(std::llround(scaling.zeroPoint));
    }
    found.perChannel = found.scales.size() > 1;
    if (found.perChannel) {
        found.shape = {static_cast<std::int64_t>(found.scales.size())};
    }
    return found;
}

bool isUnsigned(const numerics::NumberFormat& format) {
    return format.name().starts_with('u');
}

}  // namespace bitloupe::exporters
