// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/network/network.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::quantization {

/// Whether bias correction changed any of these layers.
[[nodiscard]] bool hasOutputShifts(std::span<const std::optional<QuantizedWeights>> weights);

/// The network with what bias correction adds to each layer's output in its stored biases: in the
/// layer's own, where it has one, or in an Add behind it. One entry of `weights` a layer.
[[nodiscard]] network::Network withOutputShifts(
    const network::Network& network, std::span<const std::optional<QuantizedWeights>> weights);

}  // namespace bitloupe::quantization
