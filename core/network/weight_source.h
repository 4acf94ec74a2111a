// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/network/graph_index.h"
#include "core/network/network.h"

namespace bitloupe::network {

/// The stored tensor behind a weight operand.
struct WeightSource {
    std::string initializer;
    int axis = 0;  ///< where the asked-for axis of the operand lies in the initializer
};

/// Follows `edge` back through operators that only copy, move or re-quantize elements (Identity,
/// Transpose, Reshape, Pad, DequantizeLinear, QONNX Quant ...) to an initializer. `axis` is an axis
/// of the operand. Nothing when the operand is computed, or when a Reshape splits or merges that
/// axis.
[[nodiscard]] std::optional<WeightSource> findWeight(const GraphIndex& index,
                                                     const EdgeShapes& shapes,
                                                     const std::string& edge, int axis);

/// The shape of an edge or initializer; empty when it is not known.
[[nodiscard]] Shape shapeOf(const GraphIndex& index, const EdgeShapes& shapes,
                            const std::string& edge);

}  // namespace bitloupe::network
