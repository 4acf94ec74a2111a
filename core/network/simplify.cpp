// SPDX-License-Identifier: Apache-2.0
#include "core/network/simplify.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/network/graph_index.h"
#include "core/network/graph_order.h"

namespace bitloupe::network {

namespace {

/// Edges that a body of If, Loop or Scan reads, and graph outputs: names that must stay.
std::set<std::string> fixedEdges(const Graph& graph) {
    std::set<std::string> fixed;
    for (const ValueInfo& output : graph.outputs) {
        fixed.insert(output.name);
    }
    for (const Node& node : graph.nodes) {
        for (const auto& [name, attribute] : node.attributes) {
            if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute)) {
                fixed.merge(capturedEdges(**body));
            }
        }
    }
    return fixed;
}

bool isStoredFalse(const Graph& graph, const std::string& edge) {
    const auto found = graph.initializers.find(edge);
    return found != graph.initializers.end() && found->second.type() == ElementType::Bool &&
           found->second.size() == 1 && found->second.bytes()[0] == std::byte{0};
}

/// Passes input 0 through to output 0 unchanged.
bool copies(const Graph& graph, const Node& node) {
    if (!node.domain.empty() || node.inputs.empty() || node.outputs.empty()) {
        return false;
    }
    if (node.operatorType == "Identity") {
        return true;
    }
    const std::string training = inputOr(node, 2);
    return node.operatorType == "Dropout" && (training.empty() || isStoredFalse(graph, training)) &&
           std::all_of(node.outputs.begin() + 1, node.outputs.end(),
                       [](const std::string& output) { return output.empty(); });
}

}  // namespace

Graph withoutIdentities(Graph graph) {
    const std::set<std::string> fixed = fixedEdges(graph);
    std::unordered_map<std::string, std::string> source;
    std::vector<Node> kept;
    for (Node& node : graph.nodes) {
        for (std::string& input : node.inputs) {
            if (const auto found = source.find(input); found != source.end()) {
                input = found->second;
            }
        }
        if (copies(graph, node) && !fixed.contains(node.outputs[0])) {
            source[node.outputs[0]] = node.inputs[0];
        } else {
            kept.push_back(std::move(node));
        }
    }
    graph.nodes = std::move(kept);
    return graph;
}

Graph withoutDeadNodes(Graph graph) {
    std::set<std::string> needed = fixedEdges(graph);
    std::vector<Node> kept;
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const bool live =
            std::any_of(node->outputs.begin(), node->outputs.end(),
                        [&](const std::string& output) { return needed.contains(output); });
        if (live) {
            needed.insert(node->inputs.begin(), node->inputs.end());
            kept.push_back(std::move(*node));
        }
    }
    std::reverse(kept.begin(), kept.end());
    graph.nodes = std::move(kept);
    std::erase_if(graph.initializers,
                  [&](const auto& initializer) { return !needed.contains(initializer.first); });
    return graph;
}

Graph simplified(Graph graph) {
    return withoutDeadNodes(withFoldedBatchNormalization(withoutIdentities(std::move(graph))));
}

}  // namespace bitloupe::network
