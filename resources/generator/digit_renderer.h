// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.h"

namespace bitloupe::generator {

inline constexpr int kDigitSide = 28;

/// A digit, 0 to 9, drawn with strokes that are bent, slanted, shifted and smudged at random:
/// kDigitSide x kDigitSide bytes, 0 background, 255 ink. Nothing is taken from any data set.
[[nodiscard]] std::vector<std::uint8_t> renderDigit(int digit, Random& random);

}  // namespace bitloupe::generator
