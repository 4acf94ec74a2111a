// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.h"

namespace bitloupe::network {

/// The initializers that training makes (countParameters says which), each once, in the order in
/// which the nodes read them.
[[nodiscard]] std::vector<std::string> parameterNames(const Graph& graph);

}  // namespace bitloupe::network
