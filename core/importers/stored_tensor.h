// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::importers {

/// Element types as files store them, little-endian. The 16-, 8- and 4-bit floats are widened to
/// Float32 and the 4- and 2-bit
/// integers to Int8 / Uint8; what they hold is kept exactly.
enum class StoredType {
    Float64,
    Float32,
    Float16,         ///< IEEE 754 binary16
    BFloat16,        ///< the upper half of a Float32
    Float8E4M3,      ///< OCP FP8: no infinities, NaN is all ones, bias 7
    Float8E4M3Fnuz,  ///< no infinities, no minus zero, bias 8
    Float8E5M2,      ///< OCP FP8: like a short binary16, bias 15
    Float8E5M2Fnuz,  ///< no infinities, no minus zero, bias 16
    Float8E8M0,      ///< powers of two, bias 127, NaN is all ones
    Float4E2M1,      ///< two to a byte, the lower four bits first, bias 1
    Int64,
    Int32,
    Int16,
    Int8,
    Int2,  ///< four to a byte, the lowest bits first
    Int4,  ///< two to a byte, the lower four bits first
    Uint64,
    Uint32,
    Uint16,
    Uint8,
    Uint4,
    Uint2,
    Bool
};

/// Product of `dimensions`. Refuses negative dimensions and more than 2^40 elements, which no file
/// of ours can hold.
[[nodiscard]] Result<std::int64_t> checkedElementCount(std::span<const std::int64_t> dimensions);

/// How many bytes `count` elements take in a file.
[[nodiscard]] std::uint64_t storedBytes(StoredType type, std::int64_t count);

/// An array from bytes as a file stores them. Refuses sizes that do not fit the shape before
/// anything is allocated.
[[nodiscard]] Result<Array> arrayFromStored(StoredType type, Shape shape,
                                            std::span<const std::byte> bytes);

/// Float32 value of a bfloat16, which is the upper half of one.
[[nodiscard]] float bfloat16ToFloat(std::uint16_t bits);

}  // namespace bitloupe::importers
