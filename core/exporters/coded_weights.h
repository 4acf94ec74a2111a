// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

/// A weight tensor as codes of a fixed width, for every format that has them.
///   uniform formats  value = scale * (code - zero point); `table` is empty
///   other formats    value = scale * table[code]; the code is the format's own bits
///                    (NumberFormat::encode), or an index into the values that occur when the
///                    format has no codes or more than 256 values
/// A tensor of too many different values for either has no codes: `values` are its float32 values.
struct CodedWeights {
    int bits = 0;  ///< of one code; 0 without codes
    bool isSigned = false;
    std::vector<std::uint32_t> codes;  ///< in stored order, in the low bits
    std::vector<float> table;
    std::vector<float> scales;
    std::vector<std::int64_t> zeroPoints;  ///< as many as scales
    std::vector<float> values;             ///< only without codes
};
[[nodiscard]] CodedWeights codedWeights(const quantization::Quantizer& quantizer,
                                        const quantization::QuantizedWeights& weights);

/// Codes side by side, each in its `bits` bits, the first in the lowest bits of the first byte.
[[nodiscard]] std::vector<std::uint8_t> packCodes(std::span<const std::uint32_t> codes, int bits);

}  // namespace bitloupe::exporters
