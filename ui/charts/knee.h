// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// The knee of the front in the two shown quantities: the front point farthest from the chord
/// between its two ends, on the better side of it, with both axes (as they are drawn, logarithmic
/// ones in decades) scaled to the front's extent (Das, "On characterizing the knee of the Pareto
/// curve based on normal-boundary intersection", Structural Optimization 18, 1999). Nothing for
/// fronts of fewer than three points, without extent in one quantity, or nowhere beyond the chord.
[[nodiscard]] std::optional<std::size_t> kneeOf(const ScatterData& data);

}  // namespace bitloupe::charts
