// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/network/graph_index.h"

namespace bitloupe::exporters {

/// What one node becomes. `value` gives the script's name of an input edge.
struct ScriptContext {
    const network::GraphIndex& index;
    const network::Node& node;
    std::function<std::string(std::size_t input)> value;
};

/// The right side of an assignment that computes the node's first output; "" when there is none.
[[nodiscard]] std::string scriptExpression(const ScriptContext& context);

/// Numbers and lists as TorchScript reads them.
[[nodiscard]] std::string scriptNumber(double value);
[[nodiscard]] std::string scriptList(const std::vector<std::int64_t>& values);

}  // namespace bitloupe::exporters
