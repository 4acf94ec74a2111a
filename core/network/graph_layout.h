// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::network {

/// Where a node is drawn: data flows downwards, one rank a row.
struct NodePlace {
    std::int32_t rank = 0;  ///< longest way from the graph's inputs, 0 for what reads them
    double column = 0;      ///< centre, in widths of a node; neighbours of a rank are >= 1 apart
};

/// An arrow between two nodes, indices into Graph::nodes.
struct NodeLink {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
};

/// A drawing of a graph without crossings where that is easy: layers of longest ways (Sugiyama,
/// Tagawa, Toda, 1981), each rank in the order of the mean place of its neighbours.
struct GraphLayout {
    std::vector<NodePlace> places;  ///< by node
    std::vector<NodeLink> links;    ///< by `to`, then `from`; each pair once
    std::int32_t ranks = 0;
    double left = 0;  ///< of all columns
    double right = 0;
};

/// The nodes must be in an order in which each node's inputs are made before it, as importers give
/// them. Takes time in proportion to nodes and links.
[[nodiscard]] GraphLayout layOut(const Graph& graph);

}  // namespace bitloupe::network
