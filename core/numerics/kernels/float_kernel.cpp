// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/float_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

constexpr int kMantissaBits = 23;

/// Rounds magnitudes. The bits of a float are an integer that grows with it, so cutting a mantissa
/// is integer rounding at a fixed bit; below the smallest normal value the step is constant
/// instead.
template <Direction kDirection>
class MagnitudeRounder {
public:
    explicit MagnitudeRounder(const FloatPlan& plan) {
        const int cut = kMantissaBits - plan.mantissaBits;
        m_cut = cut;
        m_mask = (1 << cut) - 1;
        // Without mantissa bits the exponent's lowest bit says which code is even.
        m_parity = plan.mantissaBits == 0 && plan.minExponent % 2 != 0 ? 1 << kMantissaBits : 0;
        const int stepExponent = plan.minExponent - (plan.subnormals ? plan.mantissaBits : 0);
        m_step = std::ldexp(1.0F, stepExponent);
        // bf16's subnormals are float32's: the integer rounding is right for them too.
        const bool sameSubnormals = plan.subnormals && plan.minExponent == -126;
        m_minNormal = sameSubnormals ? 0.0F : std::ldexp(1.0F, plan.minExponent);
    }

    HWY_INLINE FloatVector operator()(FloatVector a, FloatVector sign, const Spans& spans,
                                      std::size_t index) const {
        const Floats d;
        const FloatVector normal = cutMantissa(a, sign, spans, index);
        const FloatVector small = roundSmall(a, sign, spans, index);
        return hn::IfThenElse(hn::Lt(a, hn::Set(d, m_minNormal)), small, normal);
    }

private:
    HWY_INLINE FloatVector cutMantissa(FloatVector a, FloatVector sign, const Spans& spans,
                                       std::size_t index) const {
        const Integers d;
        const IntegerVector bits = hn::BitCast(d, a);
        const IntegerVector mask = hn::Set(d, m_mask);
        IntegerVector addend;
        if constexpr (kDirection == Direction::Nearest) {
            const IntegerVector parity = hn::Add(bits, hn::Set(d, m_parity));
            const IntegerVector last = hn::And(hn::ShiftRightSame(parity, m_cut), hn::Set(d, 1));
            addend = hn::Add(hn::Set(d, m_mask >> 1), last);
        } else if constexpr (kDirection == Direction::Stochastic) {
            addend = hn::And(hn::BitCast(d, randomBits(spans, index)), mask);
        } else {
            addend = hn::And(hn::BroadcastSignBit(hn::BitCast(d, sign)), mask);
        }
        return hn::BitCast(Floats(), hn::AndNot(mask, hn::Add(bits, addend)));
    }

    HWY_INLINE FloatVector roundSmall(FloatVector a, FloatVector sign, const Spans& spans,
                                      std::size_t index) const {
        const Floats d;
        if constexpr (kDirection == Direction::Nearest) {
            const FloatVector magic = hn::Set(d, m_step * 0x1p23F);  // its last bit is one step
            return hn::Sub(hn::Add(a, magic), magic);
        } else {
            const FloatVector steps = hn::Mul(a, hn::Set(d, 1 / m_step));
            const FloatVector below = hn::Floor(steps);
            const FloatVector one = hn::Set(d, 1.0F);
            if constexpr (kDirection == Direction::Stochastic) {
                const auto up = hn::Lt(randomUnit(spans, index), hn::Sub(steps, below));
                return hn::Mul(hn::Add(below, hn::IfThenElseZero(up, one)), hn::Set(d, m_step));
            } else {
                const FloatVector chosen =
                    hn::IfThenElse(hn::MaskFromVec(sign), hn::Ceil(steps), below);
                return hn::Mul(chosen, hn::Set(d, m_step));
            }
        }
    }

    int m_cut = 0;
    int m_mask = 0;
    int m_parity = 0;
    float m_step = 0;
    float m_minNormal = 0;
};

template <Direction kDirection, bool kDivide>
void roundFloats(const Spans& spans, const FloatPlan& plan) {
    const Unscale<kDivide> unscale(plan.scale);
    const MagnitudeRounder<kDirection> rounder(plan);
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const Floats d;
        const FloatVector largest = hn::Set(d, plan.maxValue);
        const FloatVector signs = hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(Integers(), x)));
        const FloatVector a = hn::Min(hn::Abs(unscale(x)), largest);
        FloatVector value = hn::CopySignToAbs(rounder(a, signs, spans, index), x);
        if (!plan.negativeZero) {
            value = hn::Add(value, hn::Zero(d));
        }
        value = hn::Mul(value, hn::Set(d, plan.scale));
        const FloatVector magnitude = hn::Abs(x);
        const FloatVector infinity = hn::Inf(d);
        if (plan.keepsInfinity) {
            value = hn::IfThenElse(hn::Eq(magnitude, infinity), x, value);
        }
        const auto isNumber = hn::Eq(x, x);
        return plan.keepsNan ? hn::IfThenElse(isNumber, value, x)
                             : hn::IfThenElseZero(isNumber, value);
    });
}

template <Direction kDirection>
void roundFloatsTowards(const Spans& spans, const FloatPlan& plan) {
    if (hasExactReciprocal(plan.scale)) {
        roundFloats<kDirection, false>(spans, plan);
    } else {
        roundFloats<kDirection, true>(spans, plan);
    }
}

void roundToFloat(const Spans& spans, const FloatPlan& plan) {
    switch (plan.direction) {
        case Direction::Nearest:
            return roundFloatsTowards<Direction::Nearest>(spans, plan);
        case Direction::Stochastic:
            return roundFloatsTowards<Direction::Stochastic>(spans, plan);
        case Direction::Floor:
            return roundFloatsTowards<Direction::Floor>(spans, plan);
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::numerics::kernels {

HWY_EXPORT(roundToFloat);

void roundToFloat(const Spans& spans, const FloatPlan& plan) {
    HWY_DYNAMIC_DISPATCH(roundToFloat)(spans, plan);
}

}  // namespace bitloupe::numerics::kernels
#endif
