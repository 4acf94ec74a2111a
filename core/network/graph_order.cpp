// SPDX-License-Identifier: Apache-2.0
#include "core/network/graph_order.h"

#include <queue>
#include <unordered_map>
#include <unordered_set>

namespace bitloupe::network {

namespace {

/// Everything `node` reads: its inputs, and what its subgraphs take from outside.
std::set<std::string> readEdges(const Node& node) {
    std::set<std::string> edges(node.inputs.begin(), node.inputs.end());
    edges.erase("");
    for (const auto& [name, attribute] : node.attributes) {
        if (const auto* body = std::get_if<std::shared_ptr<const Graph>>(&attribute)) {
            edges.merge(capturedEdges(**body));
        }
    }
    return edges;
}

void nameNodes(std::vector<Node>& nodes) {
    std::unordered_set<std::string> taken;
    for (const Node& node : nodes) {
        taken.insert(node.name);
    }
    std::unordered_set<std::string> used;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::string& name = nodes[i].name;
        const bool fresh = !name.empty() && used.insert(name).second;
        if (fresh) {
            continue;
        }
        const std::string base = name.empty() ? nodes[i].operatorType : name;
        std::size_t number = name.empty() ? i : 2;
        while (taken.contains(base + "_" + std::to_string(number))) {
            ++number;
        }
        name = base + "_" + std::to_string(number);
        taken.insert(name);
        used.insert(name);
    }
}

using Makers = std::unordered_map<std::string, std::size_t>;

/// Which node makes each edge; an edge is made once.
Result<Makers> findMakers(const Graph& graph) {
    Makers makers;
    std::unordered_set<std::string> given;
    for (const ValueInfo& input : graph.inputs) {
        if (!given.insert(input.name).second) {
            return Error{"two inputs have the same name", "input " + input.name,
                         "rename one of them"};
        }
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& output : graph.nodes[i].outputs) {
            if (output.empty()) {
                continue;
            }
            if (given.contains(output) || graph.initializers.contains(output) ||
                !makers.emplace(output, i).second) {
                return Error{"the edge " + output + " is made twice", "node " + graph.nodes[i].name,
                             "export the network again"};
            }
        }
    }
    return makers;
}

/// Who waits for whom. `waiting[i]` counts the nodes that must run before node i.
struct Dependencies {
    std::vector<std::vector<std::size_t>> readers;
    std::vector<std::size_t> waiting;
};

Result<Dependencies> findDependencies(const Graph& graph, const Makers& makers,
                                      const std::set<std::string>& outer) {
    std::unordered_set<std::string> given(outer.begin(), outer.end());
    for (const ValueInfo& input : graph.inputs) {
        given.insert(input.name);
    }
    Dependencies dependencies{std::vector<std::vector<std::size_t>>(graph.nodes.size()),
                              std::vector<std::size_t>(graph.nodes.size(), 0)};
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const std::string& edge : readEdges(graph.nodes[i])) {
            if (const auto maker = makers.find(edge); maker != makers.end()) {
                dependencies.readers[maker->second].push_back(i);
                ++dependencies.waiting[i];
            } else if (!given.contains(edge) && !graph.initializers.contains(edge)) {
                return Error{"nothing makes the edge " + edge + " that it reads",
                             "node " + graph.nodes[i].name, "export the network again"};
            }
        }
    }
    return dependencies;
}

Result<void> checkOutputs(const Graph& graph, const Makers& makers,
                          const std::set<std::string>& outer) {
    std::unordered_set<std::string> given(outer.begin(), outer.end());
    for (const ValueInfo& input : graph.inputs) {
        given.insert(input.name);
    }
    for (const ValueInfo& output : graph.outputs) {
        if (!makers.contains(output.name) && !given.contains(output.name) &&
            !graph.initializers.contains(output.name)) {
            return Error{"nothing makes it", "output " + output.name, "export the network again"};
        }
    }
    return {};
}

Error cycleError(const Graph& graph, const Dependencies& dependencies) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (dependencies.waiting[i] != 0) {
            return {"the graph has a cycle: some nodes wait for their own result",
                    "node " + graph.nodes[i].name, "export the network again"};
        }
    }
    return {"the graph has a cycle", "", "export the network again"};
}

}  // namespace

std::set<std::string> capturedEdges(const Graph& graph) {
    std::unordered_set<std::string> own;
    for (const ValueInfo& input : graph.inputs) {
        own.insert(input.name);
    }
    for (const Node& node : graph.nodes) {
        own.insert(node.outputs.begin(), node.outputs.end());
    }
    std::set<std::string> captured;
    const auto note = [&](const std::string& edge) {
        if (!own.contains(edge) && !graph.initializers.contains(edge)) {
            captured.insert(edge);
        }
    };
    for (const Node& node : graph.nodes) {
        for (const std::string& edge : readEdges(node)) {
            note(edge);
        }
    }
    for (const ValueInfo& output : graph.outputs) {
        note(output.name);
    }
    return captured;
}

Result<Graph> sortedGraph(Graph graph, const std::set<std::string>& outer) {
    nameNodes(graph.nodes);
    const Result<Makers> makers = findMakers(graph);
    if (makers.hasError()) {
        return makers.error();
    }
    Result<Dependencies> found = findDependencies(graph, makers.value(), outer);
    if (found.hasError()) {
        return found.error();
    }
    if (Result<void> outputs = checkOutputs(graph, makers.value(), outer); outputs.hasError()) {
        return outputs.error();
    }
    Dependencies& dependencies = found.value();
    // The smallest position first keeps the file's order wherever that order already works.
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        if (dependencies.waiting[i] == 0) {
            ready.push(i);
        }
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
        const std::size_t next = ready.top();
        ready.pop();
        order.push_back(next);
        for (const std::size_t reader : dependencies.readers[next]) {
            if (--dependencies.waiting[reader] == 0) {
                ready.push(reader);
            }
        }
    }
    if (order.size() != graph.nodes.size()) {
        return cycleError(graph, dependencies);
    }
    std::vector<Node> nodes;
    nodes.reserve(order.size());
    for (const std::size_t i : order) {
        nodes.push_back(std::move(graph.nodes[i]));
    }
    graph.nodes = std::move(nodes);
    return graph;
}

}  // namespace bitloupe::network
