// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/network/graph.h"

namespace bitloupe::execution {

/// How many of its first inputs `node` can't do without, by the texts of ONNX, of QONNX and of ONNX
/// Runtime: the fewest of all opsets up to `opset` that this program reads.
[[nodiscard]] std::size_t requiredInputs(const network::Node& node, std::int64_t opset);

}  // namespace bitloupe::execution
