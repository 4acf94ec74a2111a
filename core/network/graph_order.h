// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::network {

/// Edges of enclosing graphs that `graph` (a body of If, Loop or Scan) reads.
[[nodiscard]] std::set<std::string> capturedEdges(const Graph& graph);

/// The same graph with unique node names and its nodes in an order in which each node's inputs are
/// made before it; nodes that are in order already stay where they are.
///
/// Refuses edges made twice, read but made nowhere, and cycles. `outer` names the edges of
/// enclosing graphs that the nodes may read as well.
[[nodiscard]] Result<Graph> sortedGraph(Graph graph, const std::set<std::string>& outer = {});

}  // namespace bitloupe::network
