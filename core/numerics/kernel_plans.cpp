// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernel_plans.h"

#include <cmath>
#include <utility>

#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

using kernels::FloatPlan;
using kernels::GridPlan;
using kernels::GridRule;

GridRule gridRule(RoundingMode mode, GridRule nearest) {
    switch (mode) {
        case RoundingMode::Stochastic:
            return GridRule::Stochastic;
        case RoundingMode::Floor:
            return GridRule::Floor;
        case RoundingMode::Nearest:
            break;
    }
    return nearest;
}

GridRule gridRule(FixedRounding rounding) {
    switch (rounding) {
        case FixedRounding::HalfUp:
            return GridRule::HalfUp;
        case FixedRounding::Floor:
            return GridRule::Floor;
        case FixedRounding::TowardZero:
            return GridRule::TowardZero;
        case FixedRounding::NearestEven:
            break;
    }
    return GridRule::NearestEven;
}

/// The first and the last integer of a code of `bits`.
std::pair<float, float> codeRange(int bits, bool isSigned, bool narrow) {
    const float codes = std::ldexp(1.0F, bits);
    const float low = isSigned ? -codes / 2 : 0.0F;
    return {low + (isSigned && narrow ? 1.0F : 0.0F), low + codes - 1};
}

/// Levels at odd multiples of half a step.
GridPlan midRisePlan(float step, int bits, RoundingMode mode) {
    const auto [low, high] = codeRange(bits, true, false);
    switch (mode) {
        case RoundingMode::Floor:  // half a step below the integer that half-up rounding finds
            return {.unit = step,
                    .step = step,
                    .low = low + 0.5F,
                    .high = high + 0.5F,
                    .after = -0.5F,
                    .rule = GridRule::HalfUp};
        case RoundingMode::Stochastic:
            return {.unit = step,
                    .step = step,
                    .low = low,
                    .high = high,
                    .before = 0.5F,
                    .after = 0.5F,
                    .rule = GridRule::Stochastic};
        case RoundingMode::Nearest:
            break;
    }
    return {.unit = step,
            .step = step,
            .low = low,
            .high = high,
            .after = 0.5F,
            .rule = GridRule::Floor};
}

}  // namespace

FloatPlan floatPlan(const FloatParameters& format, float scale, RoundingMode mode) {
    return {.scale = scale,
            .mantissaBits = format.mantissaBits,
            .minExponent = minExponent(format),
            .maxValue = static_cast<float>(largestValue(format)),
            .subnormals = format.subnormals,
            .negativeZero = format.specials != FloatSpecials::Fnuz,
            .keepsInfinity = hasInfinity(format),
            .keepsNan = hasNan(format),
            .direction = mode};
}

FloatPlan floatPlan(const PowerOfTwoParameters& format, float scale, RoundingMode mode) {
    return {.scale = scale,
            .mantissaBits = 0,
            .minExponent = minExponent(format),
            .maxValue = 1,
            .subnormals = false,
            .negativeZero = true,
            .keepsInfinity = false,
            .keepsNan = false,
            .direction = mode};
}

GridPlan gridPlan(const IntegerParameters& format, const RoundingOptions& options) {
    const auto [low, high] = codeRange(format.bits, format.isSigned, options.narrow);
    const Scaling scaling = options.scaling;
    return {.unit = scaling.scale,
            .step = scaling.scale,
            .low = low - scaling.zeroPoint,
            .high = high - scaling.zeroPoint,
            .rule = gridRule(options.mode, GridRule::NearestEven)};
}

GridPlan gridPlan(const FixedParameters& format, const RoundingOptions& options) {
    const bool wraps = format.overflow == FixedOverflow::Wrap;
    const auto [low, high] = codeRange(format.width, format.isSigned, options.narrow && !wraps);
    const float step = options.scaling.scale * static_cast<float>(fixedStep(format));
    return {.unit = step,
            .step = step,
            .low = low,
            .high = high,
            .wrapUnits = wraps ? std::ldexp(1.0F, format.width) : 0.0F,
            .rule = gridRule(options.mode, gridRule(format.rounding))};
}

GridPlan gridPlan(const BinaryParameters& /*format*/, const RoundingOptions& options) {
    GridPlan plan = midRisePlan(2 * options.scaling.scale, 1, options.mode);
    if (options.mode == RoundingMode::Nearest) {
        plan.unit =
            options.scaling.scale;  // the sign decides: halving could lose the smallest values
    }
    return plan;
}

GridPlan gridPlan(const TernaryParameters& /*format*/, const RoundingOptions& options) {
    return {.unit = options.scaling.scale,
            .step = options.scaling.scale,
            .low = -1,
            .high = 1,
            .rule = gridRule(options.mode, GridRule::NearestEven)};
}

GridPlan gridPlan(const MidRiseParameters& format, const RoundingOptions& options) {
    return midRisePlan(options.scaling.scale, format.bits, options.mode);
}

}  // namespace bitloupe::numerics
