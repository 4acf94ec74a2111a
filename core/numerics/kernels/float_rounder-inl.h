// SPDX-License-Identifier: Apache-2.0
// Included once per vector instruction set, as Highway's own -inl headers are: the guard is
// toggled.
#if defined(BITLOUPE_FLOAT_ROUNDER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BITLOUPE_FLOAT_ROUNDER_INL_H_
#undef BITLOUPE_FLOAT_ROUNDER_INL_H_
#else
#define BITLOUPE_FLOAT_ROUNDER_INL_H_
#endif

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

constexpr int kFloatMantissaBits = 23;

/// Rounds magnitudes. The bits of a float are an integer that grows with it, so cutting a mantissa
/// is integer rounding at a fixed bit; below the smallest normal value the step is constant
/// instead.
template <Direction kDirection>
class MagnitudeRounder {
public:
    explicit MagnitudeRounder(const FloatPlan& plan) {
        const int cut = kFloatMantissaBits - plan.mantissaBits;
        m_cut = cut;
        m_mask = (1 << cut) - 1;
        // Without mantissa bits the exponent's lowest bit says which code is even.
        m_parity =
            plan.mantissaBits == 0 && plan.minExponent % 2 != 0 ? 1 << kFloatMantissaBits : 0;
        // bf16's subnormals are float32's: the integer rounding is right for them too, and the step
        // below stays 1 because arithmetic on a subnormal step would be slow.
        const bool sameSubnormals = plan.subnormals && plan.minExponent == -126;
        const int stepExponent =
            sameSubnormals ? 0 : plan.minExponent - (plan.subnormals ? plan.mantissaBits : 0);
        m_step = std::ldexp(1.0F, stepExponent);
        m_perStep = std::ldexp(1.0F, -stepExponent);
        m_magic = std::ldexp(1.0F, stepExponent + kFloatMantissaBits);
        m_minNormal = sameSubnormals ? 0.0F : std::ldexp(1.0F, plan.minExponent);
    }

    HWY_INLINE FloatVector operator()(FloatVector a, FloatVector sign, const RandomSource& random,
                                      std::size_t index) const {
        const Floats d;
        const FloatVector normal = cutMantissa(a, sign, random, index);
        const FloatVector small = roundSmall(a, sign, random, index);
        return hn::IfThenElse(hn::Lt(a, hn::Set(d, m_minNormal)), small, normal);
    }

private:
    HWY_INLINE FloatVector cutMantissa(FloatVector a, FloatVector sign, const RandomSource& random,
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
            addend = hn::And(hn::BitCast(d, random.bits(index)), mask);
        } else {
            addend = hn::And(hn::BroadcastSignBit(hn::BitCast(d, sign)), mask);
        }
        return hn::BitCast(Floats(), hn::AndNot(mask, hn::Add(bits, addend)));
    }

    HWY_INLINE FloatVector roundSmall(FloatVector a, FloatVector sign, const RandomSource& random,
                                      std::size_t index) const {
        const Floats d;
        if constexpr (kDirection == Direction::Nearest) {
            const FloatVector magic = hn::Set(d, m_magic);
            return hn::Sub(hn::Add(a, magic), magic);
        } else {
            const FloatVector steps = hn::Mul(a, hn::Set(d, m_perStep));
            const FloatVector below = hn::Floor(steps);
            const FloatVector one = hn::Set(d, 1.0F);
            if constexpr (kDirection == Direction::Stochastic) {
                const auto up = hn::Lt(random.unit(index), hn::Sub(steps, below));
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
    float m_perStep = 0;
    float m_magic = 0;  // its last bit is one step
    float m_minNormal = 0;
};

/// Rounds values at scale 1, specials and signs included.
template <Direction kDirection>
class FloatRounder {
public:
    explicit FloatRounder(const FloatPlan& plan) : m_plan(plan), m_magnitude(plan) {}

    /// `y` is x over the scale; x itself says what was infinite or NaN before that.
    HWY_INLINE FloatVector operator()(FloatVector y, FloatVector x, const RandomSource& random,
                                      std::size_t index) const {
        const Floats d;
        const FloatVector sign = hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(Integers(), x)));
        const FloatVector a = hn::Min(hn::Abs(y), hn::Set(d, m_plan.maxValue));
        FloatVector value = hn::CopySignToAbs(m_magnitude(a, sign, random, index), x);
        if (!m_plan.negativeZero) {
            value = hn::Add(value, hn::Zero(d));
        }
        if (m_plan.keepsInfinity) {
            value = hn::IfThenElse(hn::Eq(hn::Abs(x), hn::Inf(d)), x, value);
        }
        const auto isNumber = hn::Eq(x, x);
        return m_plan.keepsNan ? hn::IfThenElse(isNumber, value, x)
                               : hn::IfThenElseZero(isNumber, value);
    }

private:
    FloatPlan m_plan;
    MagnitudeRounder<kDirection> m_magnitude;
};

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // BITLOUPE_FLOAT_ROUNDER_INL_H_
