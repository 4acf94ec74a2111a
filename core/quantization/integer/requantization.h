// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bitloupe::quantization {

/// A real factor as an integer multiplier and a shift.
struct Multiplier {
    /// Gemmlowp: round(x m / 2^31) 2^-shift, both roundings to the nearest, as gemmlowp's fixed
    /// point has them: ties of the product go up, of the shift away from zero (Jacob et al., CVPR
    /// 2018, section 2.2; m is 2^30 to 2^31 - 1, a negative shift is to the left). FloorShift:
    /// floor(x m / 2^shift).
    enum class Kind { Gemmlowp, FloorShift };
    Kind kind = Kind::Gemmlowp;
    std::int32_t value = 0;
    int shift = 0;

    /// The nearest multiplier of gemmlowp's kind; `factor` is positive and finite, or 0.
    static Multiplier gemmlowp(double factor);
    /// The shift of 0 to `mostShift` whose rounded multiplier comes nearest to `factor`; the
    /// smallest such shift.
    static Multiplier floorShift(double factor, int mostShift = 15);

    /// `x` beyond 32 bits saturates first with gemmlowp, as its registers do.
    [[nodiscard]] std::int64_t apply(std::int64_t x) const;
    [[nodiscard]] double factor() const;
};

/// gemmlowp's SaturatingRoundingDoublingHighMul: (2 a b + 2^31) / 2^32, ties up.
[[nodiscard]] std::int32_t roundingDoublingHighMul(std::int32_t a, std::int32_t b);
/// gemmlowp's RoundingDivideByPOT: value / 2^shift to the nearest, ties away from zero.
[[nodiscard]] std::int64_t roundingShiftRight(std::int64_t value, int shift);

}  // namespace bitloupe::quantization
