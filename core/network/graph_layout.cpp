// SPDX-License-Identifier: Apache-2.0
#include "core/network/graph_layout.h"

#include <algorithm>
#include <limits>

#include "core/network/graph_index.h"

namespace bitloupe::network {

namespace {

constexpr int kSweeps = 6;

using Neighbours = std::vector<std::vector<std::uint32_t>>;

std::vector<NodeLink> linksOf(const Graph& graph) {
    const GraphIndex index(graph);
    std::vector<NodeLink> links;
    for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
        for (const std::string& output : graph.nodes[node].outputs) {
            if (output.empty()) {
                continue;
            }
            for (const std::size_t reader : index.readers(output)) {
                links.push_back(
                    {static_cast<std::uint32_t>(node), static_cast<std::uint32_t>(reader)});
            }
        }
    }
    const auto key = [](const NodeLink& link) { return std::pair(link.to, link.from); };
    std::sort(links.begin(), links.end(),
              [&](const NodeLink& a, const NodeLink& b) { return key(a) < key(b); });
    links.erase(std::unique(links.begin(), links.end(),
                            [&](const NodeLink& a, const NodeLink& b) { return key(a) == key(b); }),
                links.end());
    return links;
}

/// What makes constants has no inputs of its own: it stands right above what reads it.
void lowerSources(std::vector<NodePlace>& places, const Neighbours& above,
                  const Neighbours& below) {
    for (std::size_t node = places.size(); node-- > 0;) {
        if (!above[node].empty() || below[node].empty()) {
            continue;
        }
        std::int32_t nearest = std::numeric_limits<std::int32_t>::max();
        for (const std::uint32_t reader : below[node]) {
            nearest = std::min(nearest, places[reader].rank);
        }
        places[node].rank = std::max<std::int32_t>(0, nearest - 1);
    }
}

/// Puts the nodes of one rank next to where `wanted` has them, in its order, at least 1 apart.
void spread(std::vector<std::uint32_t>& rank, const std::vector<double>& wanted,
            std::vector<NodePlace>& places) {
    std::stable_sort(rank.begin(), rank.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return wanted[a] < wanted[b]; });
    double free = -std::numeric_limits<double>::infinity();
    double shift = 0;
    for (const std::uint32_t node : rank) {
        places[node].column = std::max(wanted[node], free);
        free = places[node].column + 1;
        shift += places[node].column - wanted[node];
    }
    // What was pushed to the right goes back by the mean, so that a fan stays centred.
    shift /= static_cast<double>(rank.size());
    for (const std::uint32_t node : rank) {
        places[node].column -= shift;
    }
}

void sweep(std::vector<std::vector<std::uint32_t>>& ranks, const Neighbours& neighbours,
           bool downwards, std::vector<NodePlace>& places) {
    std::vector<double> wanted(places.size());
    for (std::size_t step = 0; step < ranks.size(); ++step) {
        std::vector<std::uint32_t>& rank = ranks[downwards ? step : ranks.size() - 1 - step];
        for (const std::uint32_t node : rank) {
            double sum = 0;
            for (const std::uint32_t neighbour : neighbours[node]) {
                sum += places[neighbour].column;
            }
            wanted[node] = neighbours[node].empty()
                               ? places[node].column
                               : sum / static_cast<double>(neighbours[node].size());
        }
        spread(rank, wanted, places);
    }
}

}  // namespace

GraphLayout layOut(const Graph& graph) {
    GraphLayout layout;
    layout.places.resize(graph.nodes.size());
    layout.links = linksOf(graph);
    if (layout.places.empty()) {
        return layout;
    }
    Neighbours above(graph.nodes.size());
    Neighbours below(graph.nodes.size());
    for (const NodeLink& link : layout.links) {
        above[link.to].push_back(link.from);
        below[link.from].push_back(link.to);
        NodePlace& reader = layout.places[link.to];
        reader.rank = std::max(reader.rank, layout.places[link.from].rank + 1);
    }
    lowerSources(layout.places, above, below);
    std::vector<std::vector<std::uint32_t>> ranks;
    for (std::uint32_t node = 0; node < layout.places.size(); ++node) {
        NodePlace& place = layout.places[node];
        ranks.resize(std::max(ranks.size(), static_cast<std::size_t>(place.rank) + 1));
        place.column = static_cast<double>(ranks[static_cast<std::size_t>(place.rank)].size());
        ranks[static_cast<std::size_t>(place.rank)].push_back(node);
    }
    for (int i = 0; i < kSweeps; ++i) {
        sweep(ranks, i % 2 == 0 ? above : below, i % 2 == 0, layout.places);
    }
    layout.ranks = static_cast<std::int32_t>(ranks.size());
    const auto [left, right] = std::minmax_element(
        layout.places.begin(), layout.places.end(),
        [](const NodePlace& a, const NodePlace& b) { return a.column < b.column; });
    layout.left = left->column;
    layout.right = right->column;
    return layout;
}

}  // namespace bitloupe::network
