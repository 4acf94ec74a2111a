// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bitloupe::exploration {

/// A partial choice of a dynamic program: its sums, and how it was reached.
struct AllocationState {
    double cost = 0;
    double score = 0;
    std::uint32_t parent = 0;  ///< state of the stage before
    std::uint32_t option = 0;
};

/// By cost, then score; a total order, so that results do not depend on how states were found.
[[nodiscard]] bool comesBefore(const AllocationState& a, const AllocationState& b);

/// Keeps what no cheaper state beats; `states` must be sorted.
void keepFront(std::vector<AllocationState>& states);

/// Thins a front to the best score in each of `mostStates` equal steps of cost, its ends kept.
void thin(std::vector<AllocationState>& states, std::size_t mostStates);

}  // namespace bitloupe::exploration
