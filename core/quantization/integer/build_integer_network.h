// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/network/network.h"
#include "core/quantization/integer/integer_network.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::quantization {

/// A quantized design in integer arithmetic: codes of int, uint, fixed-point and ternary formats,
/// accumulators with the bias at their scale, and between layers a multiplier and a shift (`kind`).
/// Rectifiers, poolings, additions, slices, pads and reshapes work on accumulators, so nothing is
/// rounded but where the design rounds; a softmax at the end is left out, which changes no largest
/// output. The two spans have one entry a layer. Errors, by layer or node: something in float or
/// without integer codes, scales within an output channel, an operator without integer arithmetic
/// here.
[[nodiscard]] Result<IntegerNetwork> integerNetwork(
    const network::Network& network, std::span<const std::optional<QuantizedWeights>> weights,
    std::span<const std::optional<ActivationRounding>> activations, Multiplier::Kind kind);

/// Why the graph itself has no integer form, whatever its layers use; nothing when it has one.
[[nodiscard]] std::optional<Error> integerObstacle(const network::Network& network);

/// A weight tensor as unsigned codes of 8 bits over its whole range: scale (max - min) / 255, zero
/// point -min / scale without its fraction, code = round(clamp(w / scale + zero point)).
struct ByteWeights {
    double scale = 1;
    std::int32_t zeroPoint = 0;
    std::vector<std::int32_t> codes;
};
[[nodiscard]] ByteWeights byteWeights(std::span<const float> weights);

/// The float network with 8-bit weights alone: inputs of 0 to 1 as integers of 0 to 255, and after
/// each layer y = ((x * (q - zero) + round(256 bias 2^s / m)) m) >> s with the scale as m / 2^s and
/// s up to 15; activations are never clamped, averages round to even. What a LeNet-5 on an FPGA was
/// built with; the scale is taken with four digits, as it was handed over there.
[[nodiscard]] Result<IntegerNetwork> byteWeightNetwork(const network::Network& network);

}  // namespace bitloupe::quantization
