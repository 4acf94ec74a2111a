// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"

/// QKeras' quantizer strings. quantized_bits(b,i) leaves the sign out of i, fixed<W,I> counts it:
/// quantized_bits(6,0,alpha=1) is fixed<6,1> with steps of 1/32, quantized_relu(6,0) is ufixed<6,0>
/// with steps of 1/64. Coelho et al., 2021 (arXiv 2006.10159).
namespace bitloupe::exporters {

/// The quantizer string of a format that is rounded at `scale`; "" when QKeras has none. Fixed
/// point that saturates becomes quantized_bits or, unsigned, quantized_relu; powers of two
/// quantized_po2 (whose least value stands for zero); binary and ternary themselves, with their
/// scale as alpha.
[[nodiscard]] std::string qkerasQuantizer(const numerics::NumberFormat& format, float scale);

/// The format that a quantizer string names. Errors: a quantizer that is not one of the above, or
/// an argument that cannot be kept, such as an alpha that is found in training.
[[nodiscard]] Result<numerics::NumberFormat> formatOfQkeras(const std::string& quantizer);

/// The dictionary that qkeras.utils.model_quantize takes: the kernel quantizer of every layer, and
/// under QActivation what rounds a layer's input ("LAYER_input"). Biases stay in float, as
/// simulated.
[[nodiscard]] std::string qkerasMap(const ResolvedDesign& design);

[[nodiscard]] std::vector<std::string> qkerasObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
