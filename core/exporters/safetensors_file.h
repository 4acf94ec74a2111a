// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// The design's tensors as a safetensors file with the names and forms of compressed-tensors, where
/// it has them:
///   integers to 4 bits   `.weight_packed` (int32, 32 / bits codes a word from the lowest bits on,
///   each
///                        plus 2^(bits-1) when signed; rows are output channels) and
///                        `.weight_shape`
///   integers to 8 bits   `.weight` (int8 or uint8), wider ones int32
///   8-bit floats         `.weight` (F8_E4M3, F8_E5M2)
///   other formats        `.weight`, rounded, in float32
/// with `.weight_scale` ([1], [channels, 1] or [channels, groups]), `.weight_zero_point` when there
/// is one, `.input_scale`, `.input_zero_point` and `.bias`. Matrices have their outputs first. The
/// metadata hold the design itself and a `quantization_config` of one group a layer. Any design
/// fits.
[[nodiscard]] std::string safetensorsBytes(const ResolvedDesign& design,
                                           const std::string& designText);

}  // namespace bitloupe::exporters
