// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/execution/torchscript/script_value.h"
#include "core/network/graph.h"

/// What branches and loops share.
namespace bitloupe::execution::torchscript {

[[nodiscard]] bool truthOf(const ValueRef& condition, std::size_t sample);

[[nodiscard]] std::shared_ptr<const network::Graph> share(network::Graph graph);

/// A value of which the samples are known, and which a node makes.
[[nodiscard]] ValueRef computedValue(const OnSamples& on, const std::string& edge);

/// Refuses lists and other things that cannot leave a body; `where` is "a branch" or "a loop".
void requireEdges(const std::vector<ValueRef>& values, const char* where);

}  // namespace bitloupe::execution::torchscript
