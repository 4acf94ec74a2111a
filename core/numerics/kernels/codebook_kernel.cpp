// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/codebook_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/count_below-inl.h"
#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

template <Direction kDirection, class CountBelow>
void roundWith(const Spans& spans, const CodebookPlan& plan, const CountBelow& countBelow) {
    const RandomSource random(spans);
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const Floats d;
        const Integers di;
        const FloatVector quotient = hn::Div(x, hn::Set(d, plan.scale));
        const FloatVector y = hn::IfThenElseZero(hn::Eq(quotient, quotient), quotient);
        const IntegerVector below = countBelow(y);
        FloatVector value = countBelow.valueAt(below);
        if constexpr (kDirection == Direction::Stochastic) {
            const IntegerVector last = hn::Set(di, plan.size - 1);
            const IntegerVector above = hn::Min(hn::Add(below, hn::Set(di, 1)), last);
            const FloatVector upper = countBelow.valueAt(above);
            const FloatVector reach = hn::Mul(random.unit(index), hn::Sub(upper, value));
            value = hn::IfThenElse(hn::Lt(reach, hn::Sub(y, value)), upper, value);
        }
        return hn::Mul(value, hn::Set(d, plan.scale));
    });
}

template <Direction kDirection>
void roundToValues(const Spans& spans, const CodebookPlan& plan) {
    // Stochastic and Floor look for the value below, Nearest for the threshold below.
    const float* borders = kDirection == Direction::Nearest ? plan.thresholds : plan.values + 1;
    const std::span<const float> sorted(borders, static_cast<std::size_t>(plan.size - 1));
    const std::span<const float> values(plan.values, static_cast<std::size_t>(plan.size));
    if (values.size() <= hn::Lanes(Floats())) {
        roundWith<kDirection>(spans, plan, CountInRegister(sorted, values));
        return;
    }
    if (spans.count >= kLeastForBuckets) {
        const BucketTable table(sorted);
        if (table.isUseful()) {
            roundWith<kDirection>(spans, plan, CountInBuckets(table, values));
            return;
        }
    }
    const PaddedBorders padded(sorted);
    roundWith<kDirection>(spans, plan, CountBySearch(padded, values));
}

void roundToCodebook(const Spans& spans, const CodebookPlan& plan) {
    switch (plan.direction) {
        case Direction::Nearest:
            return roundToValues<Direction::Nearest>(spans, plan);
        case Direction::Stochastic:
            return roundToValues<Direction::Stochastic>(spans, plan);
        case Direction::Floor:
            return roundToValues<Direction::Floor>(spans, plan);
    }
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::numerics::kernels {

HWY_EXPORT(roundToCodebook);

void roundToCodebook(const Spans& spans, const CodebookPlan& plan) {
    HWY_DYNAMIC_DISPATCH(roundToCodebook)(spans, plan);
}

}  // namespace bitloupe::numerics::kernels
#endif
