// SPDX-License-Identifier: Apache-2.0
#include "core/execution/kernels/column_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/execution/kernels/column_sums.cpp"
// Vectors of unknown size cannot stand in arrays, which the tile below is.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace bitloupe::execution::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t kVectors = 4;
inline constexpr std::size_t kPart = 64;  ///< rows that are added before they join the total

/// kCount vectors of columns.
template <std::size_t kCount, typename D>
HWY_INLINE void sumTile(D d, const float* HWY_RESTRICT rows, std::size_t count, std::size_t width,
                        float* HWY_RESTRICT sums) {
    const std::size_t lanes = hn::Lanes(d);
    hn::Vec<D> totals[kCount];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kCount; ++v) {
        totals[v] = hn::Zero(d);
    }
    for (std::size_t first = 0; first < count; first += kPart) {
        const std::size_t last = std::min(count, first + kPart);
        hn::Vec<D> part[kCount];
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kCount; ++v) {
            part[v] = hn::Zero(d);
        }
        for (std::size_t row = first; row < last; ++row) {
#pragma GCC unroll 8
            for (std::size_t v = 0; v < kCount; ++v) {
                part[v] = hn::Add(part[v], hn::LoadU(d, rows + row * width + v * lanes));
            }
        }
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kCount; ++v) {
            totals[v] = hn::Add(totals[v], part[v]);
        }
    }
#pragma GCC unroll 8
    for (std::size_t v = 0; v < kCount; ++v) {
        hn::StoreU(totals[v], d, sums + v * lanes);
    }
}

/// Columns [column, width), in vectors of half the size where fewer are left.
template <typename D>
void sumFrom(D d, const float* rows, std::size_t count, std::size_t width, std::size_t column,
             float* sums) {
    const std::size_t lanes = hn::Lanes(d);
    for (; column + kVectors * lanes <= width; column += kVectors * lanes) {
        sumTile<kVectors>(d, rows + column, count, width, sums + column);
    }
    for (; column + lanes <= width; column += lanes) {
        sumTile<1>(d, rows + column, count, width, sums + column);
    }
    if constexpr (hn::MaxLanes(D()) > 1) {
        if (column < width) {
            sumFrom(hn::CappedTag<float, hn::MaxLanes(D()) / 2>(), rows, count, width, column,
                    sums);
        }
    }
}

void sumAllColumns(const float* rows, std::size_t count, std::size_t width, float* sums) {
    sumFrom(hn::ScalableTag<float>(), rows, count, width, 0, sums);
}

}  // namespace bitloupe::execution::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bitloupe::execution::kernels {

HWY_EXPORT(sumAllColumns);

void sumColumns(const float* rows, std::size_t count, std::size_t width, float* sums) {
    HWY_DYNAMIC_DISPATCH(sumAllColumns)(rows, count, width, sums);
}

}  // namespace bitloupe::execution::kernels
#endif
