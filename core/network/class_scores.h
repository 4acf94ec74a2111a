// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/network/graph.h"

namespace bitloupe::network {

/// A graph that gives the scores of the classes where the file gives the best class's number.
struct ScoredGraph {
    Graph graph;
    std::string node;  ///< the ArgMax that was left out
};

/// `graph` with the input of an ArgMax as its first output, where its first output is that ArgMax
/// over the classes (axis 1 or the last), perhaps reshaped or in another type. Other outputs stay.
/// A number alone tells neither how sure the network is nor what a loss needs. Nothing when the
/// first output is anything else.
[[nodiscard]] std::optional<ScoredGraph> withClassScores(const Graph& graph);

}  // namespace bitloupe::network
