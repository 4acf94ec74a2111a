// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/network/graph.h"

namespace bitloupe::network {

/// SHA-256 (64 hexadecimal digits) of everything that decides what `graph` computes: opset, inputs,
/// outputs, nodes with their attributes and subgraphs, initializers. Names of graph and nodes are
/// left out, so a file whose nodes were only renamed is the same network.
[[nodiscard]] std::string graphHash(const Graph& graph);

}  // namespace bitloupe::network
