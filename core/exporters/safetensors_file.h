// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// The design's tensors as a safetensors file with the names of compressed-tensors:
/// `<layer>.weight` (int8 codes of formats up to 8 bits, int32 beyond, rounded float32 for formats
/// that are not integers),
/// `.weight_scale`, `.weight_zero_point`, `.input_scale`, `.input_zero_point`, `.bias` (float32).
/// The design itself is in the metadata. Any design fits.
[[nodiscard]] std::string safetensorsBytes(const ResolvedDesign& design,
                                           const std::string& designText);

}  // namespace bitloupe::exporters
