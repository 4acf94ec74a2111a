// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/posit_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

constexpr int kMantissaBits = 23;
constexpr int kOne = 127 << kMantissaBits;

/// Rounds magnitudes between minpos and maxpos on the bit string of the posit.
///
/// The bits of a float less those of 1.0 are exponent and fraction in one integer t: the regime k
/// is t >> (23+es), the posit's exponent and fraction are the bits below. A posit of n bits keeps
/// n-1 - (regime length) of those, so rounding the bit string is rounding t at a bit that depends
/// on k alone. Where nothing but regime is left its last bit decides ties: 0 for k >= 0, 1 for k <
/// 0, which is the lowest bit of k itself for odd n and its opposite for even n.
template <Direction kDirection>
class PositRounder {
public:
    explicit PositRounder(const PositPlan& plan)
        : m_regimeShift(kMantissaBits + plan.exponentBits),
          m_firstCut(kMantissaBits + plan.exponentBits - plan.bits + 3),
          m_parity(plan.bits % 2 == 0 ? 1 << (kMantissaBits + plan.exponentBits) : 0) {}

    HWY_INLINE FloatVector operator()(FloatVector a, FloatVector sign, const RandomSource& random,
                                      std::size_t index) const {
        const Integers d;
        const IntegerVector one = hn::Set(d, 1);
        const IntegerVector t = hn::Sub(hn::BitCast(d, a), hn::Set(d, kOne));
        const IntegerVector regime = hn::ShiftRightSame(t, m_regimeShift);
        const IntegerVector length = hn::Xor(regime, hn::BroadcastSignBit(regime));
        const IntegerVector cut =
            hn::Min(hn::Add(length, hn::Set(d, m_firstCut)), hn::Set(d, m_regimeShift));
        const IntegerVector unit = hn::Shl(one, cut);
        const IntegerVector mask = hn::Sub(unit, one);
        if constexpr (kDirection == Direction::Stochastic) {
            return eitherNeighbour(a, hn::AndNot(mask, t), unit, random, index);
        } else {
            const IntegerVector addend = kDirection == Direction::Nearest
                                             ? toNearest(t, cut, mask)
                                             : hn::And(hn::BitCast(d, sign), mask);
            return toFloat(hn::AndNot(mask, hn::Add(t, addend)));
        }
    }

private:
    HWY_INLINE IntegerVector toNearest(IntegerVector t, IntegerVector cut,
                                       IntegerVector mask) const {
        const Integers d;
        const IntegerVector shifted = hn::Shr(hn::Add(t, hn::Set(d, m_parity)), cut);
        return hn::Add(hn::ShiftRight<1>(mask), hn::And(shifted, hn::Set(d, 1)));
    }

    static HWY_INLINE FloatVector toFloat(IntegerVector t) {
        return hn::BitCast(Floats(), hn::Add(t, hn::Set(Integers(), kOne)));
    }

    /// The lower or the upper neighbour, so that the mean is the value itself.
    static HWY_INLINE FloatVector eitherNeighbour(FloatVector a, IntegerVector below,
                                                  IntegerVector unit, const RandomSource& random,
                                                  std::size_t index) {
        const FloatVector lower = toFloat(below);
        const FloatVector upper = toFloat(hn::Add(below, unit));
        const FloatVector part = hn::Sub(a, lower);
        const auto up = hn::Lt(hn::Mul(random.unit(index), hn::Sub(upper, lower)), part);
        return hn::IfThenElse(up, upper, lower);
    }

    int m_regimeShift;
    int m_firstCut;
    int m_parity;
};

template <Direction kDirection, bool kDivide>
void roundPosits(const Spans& spans, const PositPlan& plan) {
    const Unscale<kDivide> unscale(plan.scale);
    const PositRounder<kDirection> rounder(plan);
    const float maxpos = std::ldexp(1.0F, (plan.bits - 2) << plan.exponentBits);
    const float minpos = 1 / maxpos;
    const RandomSource random(spans);
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const Floats d;
        const FloatVector signs = hn::BitCast(d, hn::BroadcastSignBit(hn::BitCast(Integers(), x)));
        const FloatVector y = hn::Abs(unscale(x));
        const FloatVector a = hn::Min(hn::Max(y, hn::Set(d, minpos)), hn::Set(d, maxpos));
        FloatVector value = hn::CopySignToAbs(rounder(a, signs, random, index), x);
        value = hn::Mul(value, hn::Set(d, plan.scale));
        value = hn::IfThenZeroElse(hn::Eq(x, hn::Zero(d)), value);
        // Infinity has no posit: it is NaR, as NaN is.
        const auto isReal = hn::Lt(hn::Abs(x), hn::Inf(d));
        return hn::IfThenElse(isReal, value, hn::NaN(d));
    });
}

template <Direction kDirection>
void roundPositsTowards(const Spans& spans, const PositPlan& plan) {
    if (hasExactReciprocal(plan.scale)) {
        roundPosits<kDirection, false>(spans, plan);
    } else {
        roundPosits<kDirection, true>(spans, plan);
    }
}

void roundToPosit(const Spans& spans, const PositPlan& plan) {
    switch (plan.direction) {
        case Direction::Nearest:
            return roundPositsTowards<Direction::Nearest>(spans, plan);
        case Direction::Stochastic:
            return roundPositsTowards<Direction::Stochastic>(spans, plan);
        case Direction::Floor:
            return roundPositsTowards<Direction::Floor>(spans, plan);
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::numerics::kernels {

HWY_EXPORT(roundToPosit);

void roundToPosit(const Spans& spans, const PositPlan& plan) {
    HWY_DYNAMIC_DISPATCH(roundToPosit)(spans, plan);
}

}  // namespace bitloupe::numerics::kernels
#endif
