// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/exporters/obstacles.h"
#include "core/exporters/onnx_writer.h"
#include "core/quantization/uniform.h"

/// Which ONNX type carries the codes of a number format between QuantizeLinear and
/// DequantizeLinear.
namespace bitloupe::exporters {

/// Opsets: 13 brought the axis of QuantizeLinear, 19 the 8-bit floats, 21 integers of 4 and 16 bits
/// and scales by block (block_size).
inline constexpr std::int64_t kAxisOpset = 13;
inline constexpr std::int64_t kFloat8Opset = 19;
inline constexpr std::int64_t kBlockOpset = 21;

/// The 8-bit float types of ONNX; nothing for every other format.
[[nodiscard]] std::optional<PackedType> float8Type(const numerics::NumberFormat& format);

/// The lowest opset in which a quantizer can be written, or nothing when none can.
[[nodiscard]] std::optional<std::int64_t> qdqOpset(const quantization::Quantizer& quantizer,
                                                   exploration::Side side);

/// Why a quantizer of `layer` cannot be written; "" when it can.
[[nodiscard]] std::string qdqObstacle(const network::Layer& layer,
                                      const quantization::Quantizer& quantizer,
                                      exploration::Side side);

/// Integer codes in the narrowest type that ONNX has for them: 4 bits packed (weights alone, no
/// operator clips them), 8 or 16.
struct IntegerCarrier {
    ElementType type = ElementType::Int8;
    std::optional<PackedType> packed;
    int bits = 8;
};
[[nodiscard]] IntegerCarrier integerCarrier(const quantization::UniformFormat& format,
                                            exploration::Side side);

/// Codes as elements of the carrier.
[[nodiscard]] Array carriedCodes(const IntegerCarrier& carrier, Shape shape,
                                 std::span<const std::int64_t> codes);

}  // namespace bitloupe::exporters
