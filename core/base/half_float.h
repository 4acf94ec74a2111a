// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bitloupe {

/// The Float32 value of an IEEE 754 binary16: exact, subnormals, infinities and NaN included.
[[nodiscard]] float halfToFloat(std::uint16_t bits);

}  // namespace bitloupe
