// SPDX-License-Identifier: Apache-2.0
#include "core/network/graph_index.h"

#include <algorithm>

#include "core/network/graph_order.h"

namespace bitloupe::network {

GraphIndex::GraphIndex(const Graph& graph) : m_graph(graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& output : graph.nodes[i].outputs) {
            if (!output.empty()) {
                m_makers.emplace(output, i);
            }
        }
        for (const std::string& input : graph.nodes[i].inputs) {
            if (!input.empty()) {
                m_readers[input].push_back(i);
            }
        }
        for (const auto& [name, attribute] : graph.nodes[i].attributes) {
            if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute)) {
                for (const std::string& edge : capturedEdges(**body)) {
                    m_readers[edge].push_back(i);
                }
            }
        }
    }
}

std::optional<std::size_t> GraphIndex::maker(const std::string& edge) const {
    const auto found = m_makers.find(edge);
    return found == m_makers.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::size_t>& GraphIndex::readers(const std::string& edge) const {
    static const std::vector<std::size_t> kNone;
    const auto found = m_readers.find(edge);
    return found == m_readers.end() ? kNone : found->second;
}

bool GraphIndex::isOutput(const std::string& edge) const {
    return std::any_of(m_graph.outputs.begin(), m_graph.outputs.end(),
                       [&](const ValueInfo& output) { return output.name == edge; });
}

const Array* GraphIndex::initializer(const std::string& edge) const {
    const auto found = m_graph.initializers.find(edge);
    return found == m_graph.initializers.end() ? nullptr : &found->second;
}

std::string inputOr(const Node& node, std::size_t index) {
    return index < node.inputs.size() ? node.inputs[index] : std::string();
}

}  // namespace bitloupe::network
