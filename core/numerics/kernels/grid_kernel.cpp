// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/grid_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/grid_rule-inl.h"
#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

/// q modulo a power of two, exact for every float: only the exponent changes before the
/// subtraction.
HWY_INLINE FloatVector wrapped(FloatVector q, const GridPlan& plan) {
    const Floats d;
    const FloatVector turns = hn::Mul(q, hn::Set(d, 1 / plan.wrapUnits));
    const FloatVector part = hn::Sub(turns, hn::Floor(turns));
    const FloatVector units = hn::Mul(part, hn::Set(d, plan.wrapUnits));
    const auto above = hn::Ge(units, hn::Set(d, plan.low + plan.wrapUnits));
    const FloatVector value = hn::Sub(units, hn::IfThenElseZero(above, hn::Set(d, plan.wrapUnits)));
    return hn::IfThenElseZero(hn::Eq(value, value), value);
}

template <GridRule kRule, bool kDivide>
void roundGrid(const Spans& spans, const GridPlan& plan) {
    const Floats d;
    const RandomSource random(spans);
    const Unscale<kDivide> unscale(plan.unit);
    const FloatVector step = hn::Set(d, plan.step);
    const FloatVector low = hn::Set(d, plan.low);
    const FloatVector high = hn::Set(d, plan.high);
    const FloatVector before = hn::Set(d, plan.before);
    const FloatVector after = hn::Set(d, plan.after);
    if (plan.wrapUnits > 0) {
        roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
            const FloatVector q = integerNear<kRule>(unscale(x), random, index);
            return hn::Mul(hn::Add(wrapped(q, plan), after), step);
        });
        return;
    }
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const FloatVector y0 = unscale(x);
        const FloatVector y1 = hn::Sub(hn::IfThenElseZero(hn::Eq(y0, y0), y0), before);
        const FloatVector y = hn::Min(hn::Max(y1, low), high);
        return hn::Mul(hn::Add(integerNear<kRule>(y, random, index), after), step);
    });
}

template <GridRule kRule>
void roundGridBy(const Spans& spans, const GridPlan& plan) {
    if (hasExactReciprocal(plan.unit)) {
        roundGrid<kRule, false>(spans, plan);
    } else {
        roundGrid<kRule, true>(spans, plan);
    }
}

void roundToGrid(const Spans& spans, const GridPlan& plan) {
    switch (plan.rule) {
        case GridRule::NearestEven:
            return roundGridBy<GridRule::NearestEven>(spans, plan);
        case GridRule::HalfUp:
            return roundGridBy<GridRule::HalfUp>(spans, plan);
        case GridRule::Floor:
            return roundGridBy<GridRule::Floor>(spans, plan);
        case GridRule::TowardZero:
            return roundGridBy<GridRule::TowardZero>(spans, plan);
        case GridRule::Stochastic:
            return roundGridBy<GridRule::Stochastic>(spans, plan);
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::numerics::kernels {

HWY_EXPORT(roundToGrid);

void roundToGrid(const Spans& spans, const GridPlan& plan) {
    HWY_DYNAMIC_DISPATCH(roundToGrid)(spans, plan);
}

}  // namespace bitloupe::numerics::kernels
#endif
