// SPDX-License-Identifier: Apache-2.0
// Included once per vector instruction set, as Highway's own -inl headers are: the guard is
// toggled.
#if defined(BITLOUPE_GRID_RULE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BITLOUPE_GRID_RULE_INL_H_
#undef BITLOUPE_GRID_RULE_INL_H_
#else
#define BITLOUPE_GRID_RULE_INL_H_
#endif

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

/// An integer near y (it may be -0).
template <GridRule kRule>
HWY_INLINE FloatVector integerNear(FloatVector y, const RandomSource& random, std::size_t index) {
    const Floats d;
    const FloatVector one = hn::Set(d, 1.0F);
    const FloatVector below = hn::Floor(y);
    if constexpr (kRule == GridRule::NearestEven) {
        return hn::Round(y);
    } else if constexpr (kRule == GridRule::HalfUp) {
        // y + 0.5 would round; y - floor(y) is exact wherever it decides.
        const auto up = hn::Ge(hn::Sub(y, below), hn::Set(d, 0.5F));
        return hn::Add(below, hn::IfThenElseZero(up, one));
    } else if constexpr (kRule == GridRule::Stochastic) {
        const auto up = hn::Lt(random.unit(index), hn::Sub(y, below));
        return hn::Add(below, hn::IfThenElseZero(up, one));
    } else if constexpr (kRule == GridRule::TowardZero) {
        return hn::Trunc(y);
    } else {
        return below;
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // BITLOUPE_GRID_RULE_INL_H_
