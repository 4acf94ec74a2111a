// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/codebook_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

/// How many of the `size` sorted floats are not above x: a binary search without branches, one lane
/// per element. `size` is 2^steps - 1, padded with NaN (which nothing reaches).
class CountBelow {
public:
    CountBelow(const float* sorted, int size) : m_sorted(sorted), m_half((size + 1) / 2) {}

    HWY_INLINE IntegerVector operator()(FloatVector x) const {
        const Floats d;
        const Integers di;
        IntegerVector count = hn::Zero(di);
        for (int half = m_half; half > 0; half /= 2) {
            const IntegerVector probe = hn::Add(count, hn::Set(di, half - 1));
            const auto reached = hn::Le(hn::GatherIndex(d, m_sorted, probe), x);
            count =
                hn::Add(count, hn::IfThenElseZero(hn::RebindMask(di, reached), hn::Set(di, half)));
        }
        return count;
    }

private:
    const float* m_sorted;
    int m_half;
};

template <Direction kDirection>
void roundToValues(const Spans& spans, const CodebookPlan& plan) {
    int padded = 1;
    while (padded < plan.size) {
        padded *= 2;
    }
    // Stochastic and Floor look for the value below, Nearest for the threshold below.
    std::vector<float> sorted(static_cast<std::size_t>(std::max(padded - 1, 1)), std::nanf(""));
    std::copy_n(kDirection == Direction::Nearest ? plan.thresholds : plan.values + 1, plan.size - 1,
                sorted.begin());
    const CountBelow countBelow(sorted.data(), padded - 1);
    roundAll(spans, [&](FloatVector x, std::size_t index) HWY_ATTR {
        const Floats d;
        const Integers di;
        const FloatVector quotient = hn::Div(x, hn::Set(d, plan.scale));
        const FloatVector y = hn::IfThenElseZero(hn::Eq(quotient, quotient), quotient);
        const IntegerVector below = countBelow(y);
        FloatVector value = hn::GatherIndex(d, plan.values, below);
        if constexpr (kDirection == Direction::Stochastic) {
            const IntegerVector last = hn::Set(di, plan.size - 1);
            const IntegerVector above = hn::Min(hn::Add(below, hn::Set(di, 1)), last);
            const FloatVector upper = hn::GatherIndex(d, plan.values, above);
            const FloatVector reach = hn::Mul(randomUnit(spans, index), hn::Sub(upper, value));
            value = hn::IfThenElse(hn::Lt(reach, hn::Sub(y, value)), upper, value);
        }
        return hn::Mul(value, hn::Set(d, plan.scale));
    });
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
