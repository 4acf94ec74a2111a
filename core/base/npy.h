// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe {

/// Reads the bytes of a NumPy `.npy` file (versions 1 to 3, little-endian or single-byte elements,
/// row-major or column-major; booleans, integers, float32, float64, and float16 widened to
/// float32). `where` names the file in errors. The declared size must be the size that is there.
[[nodiscard]] Result<Array> parseNpy(std::string_view bytes, const std::string& where);

/// What the head of a `.npy` file says.
struct NpyHead {
    ElementType type = ElementType::Float32;  ///< of the array that is read
    bool half = false;                        ///< stored as float16
    bool columnMajor = false;
    Shape shape;
    std::size_t dataStart = 0;     ///< byte of the first element
    std::size_t elementBytes = 0;  ///< of a stored element
};

/// The head from the first bytes of a file (kNpyHeadBytes are enough for every array).
[[nodiscard]] Result<NpyHead> parseNpyHead(std::string_view bytes, const std::string& where);
inline constexpr std::size_t kNpyHeadBytes = 65'536 + 12;

/// Stored row-major elements as an array of `shape`.
[[nodiscard]] Array npyElements(const NpyHead& head, Shape shape, std::string_view data);

/// `array` as the bytes of a `.npy` file, version 1, row-major.
[[nodiscard]] std::string npyBytes(const Array& array);

}  // namespace bitloupe
