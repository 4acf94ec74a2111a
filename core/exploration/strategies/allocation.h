// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace bitloupe::exploration {

/// One way to decide a group: what it costs and how bad it is. Smaller is better in both.
struct AllocationOption {
    double cost = 0;
    double score = 0;
};

/// A choice for every group.
struct AllocationPoint {
    double cost = 0;   ///< sum over the groups
    double score = 0;  ///< sum over the groups
    std::vector<std::uint32_t> options;
};

/// The whole front of the multiple-choice knapsack: one option a group, no other choice is at least
/// as good in both sums and better in one. By ascending cost. Dynamic programming over the groups
/// that keeps only what is not beaten (Nemhauser and Ullmann, "Discrete dynamic programming and
/// capital allocation", 1969).
///
/// Exact as long as no intermediate front is larger than `mostStates`; a larger one is thinned to
/// the best score in each of that many equal steps of cost, its ends kept.
/// Groups must not be empty; costs and scores must be finite.
[[nodiscard]] std::vector<AllocationPoint> allocate(
    std::span<const std::vector<AllocationOption>> groups,
    std::size_t mostStates = std::numeric_limits<std::size_t>::max());

}  // namespace bitloupe::exploration
