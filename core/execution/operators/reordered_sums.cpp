// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/reordered_sums.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/execution/kernels/column_sums.h"
#include "core/execution/memory_order.h"

namespace bitloupe::execution {

namespace {

/// The axes from the one with the widest steps in memory to the one with the narrowest; before them
/// those of size 1, whose steps mean nothing.
std::vector<std::int64_t> axesByStride(const at::Tensor& x) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(x.dim()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    const auto first = std::stable_partition(order.begin(), order.end(),
                                             [&](std::int64_t axis) { return x.size(axis) == 1; });
    std::stable_sort(first, order.end(),
                     [&](std::int64_t a, std::int64_t b) { return x.stride(a) > x.stride(b); });
    return order;
}

/// Memory as [before, summed, after]; after is 0 when the axes are not neighbours.
struct Parts {
    std::int64_t before = 1;
    std::int64_t summed = 1;
    std::int64_t after = 1;
};

Parts partsOf(const at::Tensor& x, const std::vector<std::int64_t>& order, at::IntArrayRef axes) {
    const auto isSummed = [&](std::int64_t axis) {
        return x.size(axis) > 1 && std::find(axes.begin(), axes.end(), axis) != axes.end();
    };
    Parts parts;
    std::size_t i = 0;
    for (; i < order.size() && !isSummed(order[i]); ++i) {
        parts.before *= x.size(order[i]);
    }
    for (; i < order.size() && isSummed(order[i]); ++i) {
        parts.summed *= x.size(order[i]);
    }
    for (; i < order.size(); ++i) {
        parts.after = isSummed(order[i]) ? 0 : parts.after * x.size(order[i]);
    }
    return parts;
}

}  // namespace

std::optional<at::Tensor> sumReordered(const at::Tensor& x, at::IntArrayRef axes, bool keep) {
    if (x.scalar_type() != at::kFloat || x.numel() == 0 || !isReordered(x) ||
        !x.is_non_overlapping_and_dense() || (at::GradMode::is_enabled() && x.requires_grad())) {
        return std::nullopt;
    }
    const std::vector<std::int64_t> order = axesByStride(x);
    const Parts parts = partsOf(x, order, axes);
    constexpr std::int64_t kShortestRun = 4;
    if (parts.after < kShortestRun) {
        return std::nullopt;
    }
    std::vector<std::int64_t> left;
    std::vector<std::int64_t> back(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool summed = std::find(axes.begin(), axes.end(), order[i]) != axes.end();
        left.push_back(summed ? 1 : x.size(order[i]));
        back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
    }
    at::Tensor sums = at::empty(left, x.options());
    for (std::int64_t i = 0; i < parts.before; ++i) {
        kernels::sumColumns(x.data_ptr<float>() + i * parts.summed * parts.after,
                            static_cast<std::size_t>(parts.summed),
                            static_cast<std::size_t>(parts.after),
                            sums.data_ptr<float>() + i * parts.after);
    }
    at::Tensor result = sums.permute(back);
    std::vector<std::int64_t> falling = axes.vec();
    std::sort(falling.rbegin(), falling.rend());
    for (const std::int64_t axis : falling) {
        result = keep ? result : result.squeeze(axis);
    }
    return result;
}

}  // namespace bitloupe::execution
