// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/float_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/float_rounder-inl.h"
#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

template <Direction kDirection, bool kDivide>
void roundFloats(const Spans& spans, const FloatPlan& plan) {
    const Unscale<kDivide> unscale(plan.scale);
    const FloatRounder<kDirection> rounder(plan);
    const RandomSource random(spans);
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const FloatVector value = rounder(unscale(x), x, random, index);
        return hn::Mul(value, hn::Set(Floats(), plan.scale));
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
