// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/numerics/format_parameters.h"

/// What follows from the parameters of one scalar format: widths, ranges, steps.
namespace bitloupe::numerics {

/// Bits of one code.
[[nodiscard]] int codeBits(const ScalarParameters& parameters);

/// Largest finite value and smallest positive one.
[[nodiscard]] double largestValue(const ScalarParameters& parameters);
[[nodiscard]] double smallestPositive(const ScalarParameters& parameters);

/// The exponent of the smallest normal value and of the largest finite one.
[[nodiscard]] int minExponent(const FloatParameters& format);
[[nodiscard]] int maxExponent(const FloatParameters& format);
[[nodiscard]] int exponentBias(const FloatParameters& format);
[[nodiscard]] bool hasInfinity(const FloatParameters& format);
[[nodiscard]] bool hasNan(const FloatParameters& format);

/// The value of the least significant bit: 2^-(width - integerBits).
[[nodiscard]] double fixedStep(const FixedParameters& format);

/// The exponent of the smallest non-zero magnitude; the largest is 2^0.
[[nodiscard]] int minExponent(const PowerOfTwoParameters& format);

}  // namespace bitloupe::numerics
