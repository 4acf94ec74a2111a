// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/kernels/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/numerics/kernels/block_kernel.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "core/numerics/kernels/float_rounder-inl.h"
#include "core/numerics/kernels/grid_rule-inl.h"
#include "core/numerics/kernels/kernel_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bitloupe::numerics::kernels::HWY_NAMESPACE {

template <Direction kDirection>
constexpr GridRule gridRuleOf() {
    switch (kDirection) {
        case Direction::Stochastic:
            return GridRule::Stochastic;
        case Direction::Floor:
            return GridRule::Floor;
        case Direction::Nearest:
            break;
    }
    return GridRule::NearestEven;
}

template <Direction kDirection>
class FloatElement {
public:
    explicit FloatElement(const BlockPlan& plan) : m_rounder(plan.element) {}
    HWY_INLINE FloatVector operator()(FloatVector y, FloatVector x, const RandomSource& random,
                                      std::size_t index) const {
        return m_rounder(y, x, random, index);
    }

private:
    FloatRounder<kDirection> m_rounder;
};

template <Direction kDirection>
class GridElement {
public:
    explicit GridElement(const BlockPlan& plan) : m_grid(plan.grid) {}
    HWY_INLINE FloatVector operator()(FloatVector y, FloatVector x, const RandomSource& random,
                                      std::size_t index) const {
        const Floats d;
        const FloatVector units = hn::Mul(y, hn::Set(d, 1 / m_grid.step));
        const FloatVector known = hn::IfThenElseZero(hn::Eq(x, x), units);
        const FloatVector low = hn::Max(known, hn::Set(d, m_grid.low));
        const FloatVector kept = hn::Min(low, hn::Set(d, m_grid.high));
        const FloatVector q = integerNear<gridRuleOf<kDirection>()>(kept, random, index);
        return hn::Mul(hn::Add(q, hn::Zero(d)), hn::Set(d, m_grid.step));
    }

private:
    GridPlan m_grid;
};

/// The shared scale of a block from its largest finite magnitude, in every lane.
template <bool kPowerOfTwo>
class SharedScale {
public:
    explicit SharedScale(const BlockPlan& plan)
        : m_exponent(plan.largestElementExponent << 23),
          m_largest(plan.largestElement),
          m_rounder(plan.blockScale) {}

    HWY_INLINE FloatVector operator()(FloatVector largest, const RandomSource& random) const {
        const Floats d;
        if constexpr (kPowerOfTwo) {
            const Integers di;
            const IntegerVector exponent =
                hn::And(hn::BitCast(di, largest), hn::Set(di, 0x7F800000));
            const IntegerVector bits = hn::Sub(exponent, hn::Set(di, m_exponent));
            // Half the smallest normal value is 2^-127, the least E8M0.
            const FloatVector scale = hn::BitCast(d, hn::Max(bits, hn::Set(di, 0x00400000)));
            // Nothing but zeros: any scale will do, and 2^-127 would be slow.
            return hn::IfThenElse(hn::Eq(largest, hn::Zero(d)), hn::Set(d, 1.0F), scale);
        } else {
            const FloatVector quotient = hn::Div(largest, hn::Set(d, m_largest));
            return m_rounder(quotient, quotient, random, 0);
        }
    }

private:
    int m_exponent;
    float m_largest;
    FloatRounder<Direction::Nearest> m_rounder;
};

template <class Element, bool kPowerOfTwo>
void roundBlocks(const Spans& spans, std::size_t count, const BlockPlan& plan) {
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const FloatVector tensorScale = hn::Set(d, plan.tensorScale);
    const bool scaled = plan.tensorScale != 1;
    const auto loaded = [&](std::size_t i) HWY_ATTR {
        const FloatVector x = hn::LoadU(d, spans.in + i);
        return scaled ? hn::Div(x, tensorScale) : x;
    };
    const bool streams = goesAroundCache(spans) &&
                         reinterpret_cast<std::uintptr_t>(spans.out) / sizeof(float) % lanes == 0;
    const SharedScale<kPowerOfTwo> sharedScale(plan);
    const Element element(plan);
    const RandomSource random(spans);
    for (std::size_t begin = 0; begin < count; begin += plan.blockSize) {
        FloatVector largest = hn::Zero(d);
        for (std::size_t i = begin; i < begin + plan.blockSize; i += lanes) {
            hwy::Prefetch(spans.in + std::min(i + kPrefetchDistance, spans.count - 1));
            const FloatVector magnitude = hn::Abs(loaded(i));
            const auto isFinite = hn::Lt(magnitude, hn::Inf(d));
            largest = hn::Max(largest, hn::IfThenElseZero(isFinite, magnitude));
        }
        const FloatVector shared = sharedScale(hn::MaxOfLanes(d, largest), random);
        const FloatVector divisor =
            hn::IfThenElse(hn::Eq(shared, hn::Zero(d)), hn::Set(d, 1.0F), shared);
        for (std::size_t i = begin; i < begin + plan.blockSize; i += lanes) {
            const FloatVector x = loaded(i);
            const FloatVector q = element(hn::Div(x, divisor), x, random, i);
            const FloatVector value = hn::Mul(hn::Mul(q, shared), tensorScale);
            if (streams) {
                hn::Stream(value, d, spans.out + i);
            } else {
                hn::StoreU(value, d, spans.out + i);
            }
        }
    }
    if (streams) {
        hwy::FlushStream();
    }
}

template <Direction kDirection>
void roundBlocksTowards(const Spans& spans, std::size_t count, const BlockPlan& plan) {
    if (!plan.elementIsFloat) {
        roundBlocks<GridElement<kDirection>, true>(spans, count, plan);
    } else if (plan.powerOfTwoScale) {
        roundBlocks<FloatElement<kDirection>, true>(spans, count, plan);
    } else {
        roundBlocks<FloatElement<kDirection>, false>(spans, count, plan);
    }
}

std::size_t roundWholeBlocks(const Spans& spans, const BlockPlan& plan) {
    if (plan.blockSize % hn::Lanes(Floats()) != 0) {
        return 0;
    }
    const std::size_t count = spans.count - spans.count % plan.blockSize;
    switch (plan.direction) {
        case Direction::Nearest:
            roundBlocksTowards<Direction::Nearest>(spans, count, plan);
            break;
        case Direction::Stochastic:
            roundBlocksTowards<Direction::Stochastic>(spans, count, plan);
            break;
        case Direction::Floor:
            roundBlocksTowards<Direction::Floor>(spans, count, plan);
            break;
    }
    return count;
}

}  // namespace bitloupe::numerics::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::numerics::kernels {

HWY_EXPORT(roundWholeBlocks);

std::size_t roundWholeBlocks(const Spans& spans, const BlockPlan& plan) {
    return HWY_DYNAMIC_DISPATCH(roundWholeBlocks)(spans, plan);
}

}  // namespace bitloupe::numerics::kernels
#endif
