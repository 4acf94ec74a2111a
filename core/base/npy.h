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

/// `array` as the bytes of a `.npy` file, version 1, row-major.
[[nodiscard]] std::string npyBytes(const Array& array);

}  // namespace bitloupe
