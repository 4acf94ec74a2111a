// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::network {

/// Who makes and who reads each edge of a graph. Refers to the graph, which must outlive it.
class GraphIndex {
public:
    explicit GraphIndex(const Graph& graph);

    [[nodiscard]] const Graph& graph() const { return m_graph; }

    /// The node that makes `edge`; nothing for graph inputs, initializers and "".
    [[nodiscard]] std::optional<std::size_t> maker(const std::string& edge) const;

    /// The nodes that read `edge`, one entry per input that is it. A subgraph that captures the
    /// edge counts as a reader: its node is listed.
    [[nodiscard]] const std::vector<std::size_t>& readers(const std::string& edge) const;

    [[nodiscard]] bool isOutput(const std::string& edge) const;

    /// The initializer of that name, or nullptr.
    [[nodiscard]] const Array* initializer(const std::string& edge) const;

private:
    const Graph& m_graph;
    std::unordered_map<std::string, std::size_t> m_makers;
    std::unordered_map<std::string, std::vector<std::size_t>> m_readers;
};

/// The attribute `name` of `node`, or `fallback` when the node has none or one of another type.
template <typename T>
[[nodiscard]] T attributeOr(const Node& node, const std::string& name, T fallback) {
    const auto found = node.attributes.find(name);
    if (found == node.attributes.end()) {
        return fallback;
    }
    const T* value = std::get_if<T>(&found->second);
    return value == nullptr ? fallback : *value;
}

/// Input `index` of `node`, "" when it has fewer inputs.
[[nodiscard]] std::string inputOr(const Node& node, std::size_t index);

}  // namespace bitloupe::network
