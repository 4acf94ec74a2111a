// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/scalar_rounding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numerics/kernels/kernels.h"
#include "core/numerics/random_key.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

using kernels::GridRule;
using kernels::Spans;

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
kernels::GridPlan midRisePlan(float step, int bits, RoundingMode mode) {
    const auto [low, high] = codeRange(bits, true, false);
    kernels::GridPlan plan{.unit = step, .step = step, .low = low, .high = high, .after = 0.5F};
    plan.rule = gridRule(mode, GridRule::Floor);
    plan.before = mode == RoundingMode::Nearest ? 0.0F : 0.5F;
    return plan;
}

class ScalarRounder {
public:
    ScalarRounder(const Spans& spans, const RoundingOptions& options)
        : m_spans(spans), m_options(options), m_scale(options.scaling.scale) {}

    void operator()(const IntegerParameters& format) const {
        const auto [low, high] = codeRange(format.bits, format.isSigned, m_options.narrow);
        const float zero = m_options.scaling.zeroPoint;
        kernels::roundToGrid(m_spans, {.unit = m_scale,
                                       .step = m_scale,
                                       .low = low - zero,
                                       .high = high - zero,
                                       .rule = gridRule(m_options.mode, GridRule::NearestEven)});
    }

    void operator()(const FixedParameters& format) const {
        const bool wraps = format.overflow == FixedOverflow::Wrap;
        const auto [low, high] =
            codeRange(format.width, format.isSigned, m_options.narrow && !wraps);
        const float step = m_scale * static_cast<float>(fixedStep(format));
        kernels::roundToGrid(m_spans,
                             {.unit = step,
                              .step = step,
                              .low = low,
                              .high = high,
                              .wrapUnits = wraps ? std::ldexp(1.0F, format.width) : 0.0F,
                              .rule = gridRule(m_options.mode, gridRule(format.rounding))});
    }

    void operator()(const FloatParameters& format) const {
        kernels::roundToFloat(m_spans, {.scale = m_scale,
                                        .mantissaBits = format.mantissaBits,
                                        .minExponent = minExponent(format),
                                        .maxValue = static_cast<float>(largestValue(format)),
                                        .subnormals = format.subnormals,
                                        .negativeZero = format.specials != FloatSpecials::Fnuz,
                                        .keepsInfinity = hasInfinity(format),
                                        .keepsNan = hasNan(format),
                                        .direction = m_options.mode});
    }

    void operator()(const PowerOfTwoParameters& format) const {
        kernels::roundToFloat(m_spans, {.scale = m_scale,
                                        .mantissaBits = 0,
                                        .minExponent = minExponent(format),
                                        .maxValue = 1,
                                        .subnormals = false,
                                        .negativeZero = true,
                                        .keepsInfinity = false,
                                        .keepsNan = false,
                                        .direction = m_options.mode});
    }

    void operator()(const PositParameters& format) const {
        kernels::roundToPosit(m_spans, {.scale = m_scale,
                                        .bits = format.bits,
                                        .exponentBits = format.exponentBits,
                                        .direction = m_options.mode});
    }

    void operator()(const BinaryParameters& /*format*/) const {
        kernels::GridPlan plan = midRisePlan(2 * m_scale, 1, m_options.mode);
        if (m_options.mode == RoundingMode::Nearest) {
            plan.unit = m_scale;  // the sign decides: halving could lose the smallest values
        }
        kernels::roundToGrid(m_spans, plan);
    }

    void operator()(const TernaryParameters& /*format*/) const {
        kernels::roundToGrid(m_spans, {.unit = m_scale,
                                       .step = m_scale,
                                       .low = -1,
                                       .high = 1,
                                       .rule = gridRule(m_options.mode, GridRule::NearestEven)});
    }

    void operator()(const MidRiseParameters& format) const {
        kernels::roundToGrid(m_spans, midRisePlan(m_scale, format.bits, m_options.mode));
    }

private:
    Spans m_spans;
    const RoundingOptions& m_options;
    float m_scale;
};

bool isFp32(const ScalarParameters& format) {
    const auto* parameters = std::get_if<FloatParameters>(&format);
    return parameters != nullptr &&
           parameters->mantissaBits == std::numeric_limits<float>::digits - 1;
}

}  // namespace

void roundScalars(const ScalarParameters& format, std::span<const float> in, std::span<float> out,
                  const RoundingOptions& options) {
    if (isFp32(format)) {
        if (in.data() != out.data()) {
            std::copy(in.begin(), in.end(), out.begin());
        }
        return;
    }
    forEachCounterRun(
        options, in.size(), [&](std::size_t begin, std::size_t count, const CounterRun& run) {
            const Spans spans{in.data() + begin, out.data() + begin, count, run.key, run.counter};
            std::visit(ScalarRounder(spans, options), format);
        });
}

}  // namespace bitloupe::numerics
