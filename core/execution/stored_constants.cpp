// SPDX-License-Identifier: Apache-2.0
#include "core/execution/stored_constants.h"

#include <set>

#include "core/execution/executor.h"
#include "core/network/graph_index.h"

namespace bitloupe::execution {

namespace {

using network::Graph;
using network::GraphIndex;
using network::Node;

/// Adds to `needed` the nodes behind `edge`; false when one of them reads an input of the graph.
bool collect(const GraphIndex& index, const std::string& edge, std::set<std::size_t>& needed) {
    if (edge.empty() || index.initializer(edge) != nullptr) {
        return true;
    }
    const auto maker = index.maker(edge);
    if (!maker) {
        return false;
    }
    if (!needed.insert(*maker).second) {
        return true;
    }
    for (const std::string& input : index.graph().nodes[*maker].inputs) {
        if (!collect(index, input, needed)) {
            return false;
        }
    }
    return true;
}

}  // namespace

network::Network withStoredConstants(const network::Network& network) {
    const GraphIndex index(*network.graph);
    Graph part;
    std::set<std::size_t> nodes;
    for (const Node& node : network.graph->nodes) {
        if (node.operatorType != "Slice" && node.operatorType != "Pad") {
            continue;
        }
        for (std::size_t i = 1; i < node.inputs.size(); ++i) {
            std::set<std::size_t> needed;
            if (collect(index, node.inputs[i], needed) && !needed.empty()) {
                nodes.insert(needed.begin(), needed.end());
                part.outputs.push_back({node.inputs[i], ElementType::Int64, {}});
            }
        }
    }
    if (part.outputs.empty()) {
        return network;
    }
    part.opset = network.graph->opset;
    for (const std::size_t node : nodes) {  // ascending: the graph's own order
        part.nodes.push_back(network.graph->nodes[node]);
        for (const std::string& input : part.nodes.back().inputs) {
            if (const Array* stored = index.initializer(input)) {
                part.initializers.emplace(input, *stored);
            }
        }
    }
    const Result<Executor> executor = Executor::prepare(std::make_shared<const Graph>(part));
    if (executor.hasError()) {
        return network;  // whoever needs the bounds says which node misses them
    }
    const Result<std::vector<Array>> values = executor.value().run({});
    if (values.hasError()) {
        return network;
    }
    Graph graph = *network.graph;
    for (std::size_t i = 0; i < part.outputs.size(); ++i) {
        graph.initializers.insert_or_assign(part.outputs[i].name, values.value()[i]);
    }
    network::Network stored = network;
    stored.graph = std::make_shared<const Graph>(std::move(graph));
    return stored;
}

}  // namespace bitloupe::execution
