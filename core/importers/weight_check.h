// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::importers {

/// Refuses a network whose training diverged: NaN in any stored tensor, or an infinity in one that
/// an operator multiplies by. (Infinities elsewhere are masks and limits.) Names the tensor.
[[nodiscard]] Result<void> checkWeightsAreFinite(const network::Graph& graph);

/// Refuses NaN and infinities in one tensor.
[[nodiscard]] Result<void> checkIsFinite(const std::string& name, const Array& array);

}  // namespace bitloupe::importers
