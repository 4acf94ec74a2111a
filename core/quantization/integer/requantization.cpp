// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/requantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bitloupe::quantization {

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
constexpr int kFractionBits = 31;
constexpr int kLongestShift = 62;

}  // namespace

Multiplier Multiplier::gemmlowp(double factor) {
    Multiplier result;
    if (!(factor > 0)) {
        return result;
    }
    int exponent = 0;
    const double fraction = std::frexp(factor, &exponent);
    auto value = std::llround(std::ldexp(fraction, kFractionBits));
    if (value == std::int64_t{1} << kFractionBits) {
        value /= 2;
        ++exponent;
    }
    result.value = static_cast<std::int32_t>(value);
    result.shift = -exponent;
    return result;
}

Multiplier Multiplier::floorShift(double factor, int mostShift) {
    Multiplier best{.kind = Kind::FloorShift};
    double bestError = std::numeric_limits<double>::infinity();
    for (int shift = 0; shift <= mostShift; ++shift) {
        const double value = std::nearbyint(std::ldexp(factor, shift));
        const double error = std::fabs(factor - std::ldexp(value, -shift));
        if (error < bestError && value <= static_cast<double>(kMost)) {
            bestError = error;
            best.value = static_cast<std::int32_t>(value);
            best.shift = shift;
        }
    }
    return best;
}

std::int64_t Multiplier::apply(std::int64_t x) const {
    if (kind == Kind::FloorShift) {
        return (x * value) >> shift;
    }
    const int left = std::max(0, -shift);
    // Whatever leaves 32 bits on the way left is saturated there.
    const std::int64_t narrow = std::clamp(x, kLeast, kMost);
    const std::int64_t bound = left > kFractionBits ? 0 : kMost >> left;
    const std::int64_t shifted = narrow > bound        ? kMost
                                 : narrow < -bound - 1 ? kLeast
                                                       : narrow * (std::int64_t{1} << left);
    return roundingShiftRight(roundingDoublingHighMul(static_cast<std::int32_t>(shifted), value),
                              std::max(0, shift));
}

double Multiplier::factor() const {
    return kind == Kind::FloorShift ? std::ldexp(value, -shift)
                                    : std::ldexp(value, -shift - kFractionBits);
}

std::int32_t roundingDoublingHighMul(std::int32_t a, std::int32_t b) {
    if (a == kLeast && b == kLeast) {
        return kMost;
    }
    constexpr std::int64_t kHalf = std::int64_t{1} << (kFractionBits - 1);
    return static_cast<std::int32_t>((static_cast<std::int64_t>(a) * b + kHalf) >> kFractionBits);
}

std::int64_t roundingShiftRight(std::int64_t value, int shift) {
    if (shift <= 0) {
        return value;
    }
    if (shift > kLongestShift) {
        return 0;
    }
    const std::int64_t half = std::int64_t{1} << (shift - 1);
    return value >= 0 ? (value + half) >> shift : -((-value + half) >> shift);
}

}  // namespace bitloupe::quantization
