// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/design.h"

namespace bitloupe::exploration {

/// How one side of a layer is rounded; empty: not at all.
[[nodiscard]] inline std::optional<quantization::Quantizer>& sideOf(
    quantization::LayerScheme& scheme, Side side) {
    return side == Side::Weights ? scheme.weights : scheme.activations;
}
[[nodiscard]] inline const std::optional<quantization::Quantizer>& sideOf(
    const quantization::LayerScheme& scheme, Side side) {
    return side == Side::Weights ? scheme.weights : scheme.activations;
}

}  // namespace bitloupe::exploration
