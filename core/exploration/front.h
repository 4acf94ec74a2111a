// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// Indices, ascending, of the evaluations that no other one beats: none is at least as good in
/// every objective and better in one. Of equal ones the first stays. NaN never stands on the front.
[[nodiscard]] std::vector<std::size_t> paretoFront(std::span<const Evaluation> evaluations,
                                                   std::span<const QuantityId> objectives);

/// Area or volume dominated by the front up to `reference` (one value per objective, worse than any
/// point of interest), in the objectives' own units.
[[nodiscard]] double hypervolume(std::span<const Evaluation> front,
                                 std::span<const QuantityId> objectives,
                                 std::span<const double> reference);

}  // namespace bitloupe::exploration
