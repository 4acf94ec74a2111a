// SPDX-License-Identifier: Apache-2.0
#include "core/base/half_float.h"

#include <cmath>
#include <limits>

namespace bitloupe {

float halfToFloat(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31;
    const int mantissa = bits & 1023;
    float value = std::ldexp(static_cast<float>(mantissa), -24);
    if (exponent == 31) {
        value = mantissa == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
    } else if (exponent != 0) {
        value = std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    }
    return (bits & 0x8000) != 0 ? -value : value;
}

}  // namespace bitloupe
