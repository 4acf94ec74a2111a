// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/preparation/smooth_quant.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/network/graph_index.h"
#include "core/quantization/preparation/input_channels.h"

namespace bitloupe::quantization {

namespace {

using network::Node;

/// Layers that read one edge, and how they read its channels.
struct Readers {
    std::vector<std::size_t> layers;
    std::vector<InputChannels> channels;
    bool convolution = false;
    std::size_t rank = 0;
};

std::map<std::string, Readers> readersByEdge(const network::Network& network,
                                             const std::vector<std::vector<float>>& maxima,
                                             const network::GraphIndex& index) {
    std::map<std::string, Readers> edges;
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const network::Layer& layer = network.layers[i];
        const Node& node = network.graph->nodes[layer.node];
        const auto channels = InputChannels::of(network, i, maxima[i].size());
        // The weight must be the operand itself, and this layer's alone.
        if (channels && network::inputOr(node, 1) == layer.weight &&
            index.readers(layer.weight).size() == 1) {
            Readers& readers = edges[layer.input];
            readers.layers.push_back(i);
            readers.channels.push_back(*channels);
            readers.convolution = layer.operatorType == "Conv";
            readers.rank = layer.inputShape.size();
        }
    }
    return edges;
}

class Smoother {
public:
    Smoother(const network::Network& network, const std::vector<std::vector<float>>& maxima,
             double alpha)
        : m_network(network),
          m_index(*network.graph),
          m_maxima(maxima),
          m_alpha(alpha),
          m_graph(*network.graph) {}

    network::Graph run() {
        for (const auto& [edge, readers] : readersByEdge(m_network, m_maxima, m_index)) {
            smooth(edge, readers);
        }
        insertDivisions();
        return std::move(m_graph);
    }

private:
    void smooth(const std::string& edge, const Readers& readers) {
        const std::vector<double> factors = factorsOf(readers);
        for (std::size_t r = 0; r < readers.layers.size(); ++r) {
            Array& weight = m_graph.initializers.at(m_network.layers[readers.layers[r]].weight);
            weight = Array::of<float>(weight.shape(),
                                      readers.channels[r].scaled(weight.as<float>(), factors));
        }
        if (!foldIntoNormalization(edge, readers, factors)) {
            m_divisions[edge] = {readers, factors};
        }
    }

    [[nodiscard]] std::vector<double> factorsOf(const Readers& readers) const {
        std::vector<double> weights(readers.channels.front().channels(), 0.0);
        for (std::size_t r = 0; r < readers.layers.size(); ++r) {
            const Array& weight =
                m_graph.initializers.at(m_network.layers[readers.layers[r]].weight);
            const std::vector<double> largest = readers.channels[r].largest(weight.as<float>());
            for (std::size_t c = 0; c < weights.size(); ++c) {
                weights[c] = std::max(weights[c], largest[c]);
            }
        }
        const std::vector<float>& inputs = m_maxima[readers.layers.front()];
        std::vector<double> factors(weights.size(), 1.0);
        for (std::size_t c = 0; c < factors.size(); ++c) {
            if (weights[c] > 0 && inputs[c] > 0) {
                factors[c] = std::pow(static_cast<double>(inputs[c]), m_alpha) /
                             std::pow(weights[c], 1 - m_alpha);
            }
        }
        return factors;
    }

    bool foldIntoNormalization(const std::string& edge, const Readers& readers,
                               const std::vector<double>& factors) {
        const auto maker = m_index.maker(edge);
        const bool alone =
            m_index.readers(edge).size() == readers.layers.size() && !m_index.isOutput(edge);
        if (!maker || !alone || readers.convolution) {
            return false;
        }
        const Node& node = m_network.graph->nodes[*maker];
        if (node.operatorType != "LayerNormalization") {
            return false;
        }
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
            const auto stored = m_graph.initializers.find(node.inputs[i]);
            if (stored == m_graph.initializers.end() ||
                stored->second.size() != static_cast<std::int64_t>(factors.size()) ||
                m_index.readers(node.inputs[i]).size() != 1) {
                return false;
            }
        }
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
            Array& array = m_graph.initializers.at(node.inputs[i]);
            std::vector<float> values(array.as<float>().begin(), array.as<float>().end());
            for (std::size_t c = 0; c < values.size(); ++c) {
                values[c] = static_cast<float>(static_cast<double>(values[c]) / factors[c]);
            }
            array = Array::of<float>(array.shape(), values);
        }
        return true;
    }

    /// Puts a Mul in front of the first reader of each edge that has no normalization to take it.
    void insertDivisions() {
        std::vector<Node> nodes;
        std::set<std::string> made;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            Node& node = m_graph.nodes[i];
            for (const auto& [edge, division] : m_divisions) {
                if (!isReader(i, division.first)) {
                    continue;
                }
                if (made.insert(edge).second) {
                    nodes.push_back(divisionNode(edge, division.first, division.second));
                }
                node.inputs[0] = edge + "_smoothed";
            }
            nodes.push_back(std::move(node));
        }
        m_graph.nodes = std::move(nodes);
    }

    [[nodiscard]] bool isReader(std::size_t node, const Readers& readers) const {
        return std::any_of(readers.layers.begin(), readers.layers.end(),
                           [&](std::size_t layer) { return m_network.layers[layer].node == node; });
    }

    Node divisionNode(const std::string& edge, const Readers& readers,
                      const std::vector<double>& factors) {
        Shape shape = {static_cast<std::int64_t>(factors.size())};
        for (std::size_t i = 2; readers.convolution && i < readers.rank; ++i) {
            shape.push_back(1);
        }
        std::vector<float> inverse(factors.size());
        std::transform(factors.begin(), factors.end(), inverse.begin(),
                       [](double factor) { return static_cast<float>(1 / factor); });
        const std::string name = edge + "_smoothing";
        m_graph.initializers.insert_or_assign(name, Array::of<float>(shape, inverse));
        Node node;
        node.name = name;
        node.operatorType = "Mul";
        node.inputs = {edge, name};
        node.outputs = {edge + "_smoothed"};
        node.remark = "divides channels whose weights were multiplied (SmoothQuant)";
        return node;
    }

    const network::Network& m_network;
    network::GraphIndex m_index;
    const std::vector<std::vector<float>>& m_maxima;
    double m_alpha;
    network::Graph m_graph;
    std::map<std::string, std::pair<Readers, std::vector<double>>> m_divisions;
};

}  // namespace

network::Graph smoothed(const network::Network& network,
                        const std::vector<std::vector<float>>& inputMaxima, double alpha) {
    return Smoother(network, inputMaxima, alpha).run();
}

}  // namespace bitloupe::quantization
