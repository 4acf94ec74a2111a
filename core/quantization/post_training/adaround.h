// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/quantization/input_rows.h"
#include "core/quantization/weight_grid.h"

namespace bitloupe::quantization {

/// AdaRound (Nagel et al., ICML 2020, arXiv 2004.10568): every weight goes to the value below or
/// above it, whichever way keeps the layer's outputs. The choice is relaxed to a rectified sigmoid
/// and found by Adam on the squared output error over `inputs` (its second moments hold all that
/// matters, so every step sees all rows) plus the annealed regularizer that pushes it to 0 or 1. A
/// channel whose output error would be larger than by rounding to nearest is rounded to nearest.
/// `weights`: output channels as rows, changed in place. Where `pruned` (empty or one flag a
/// weight) is set the weight becomes 0. std::logic_error unless the sizes fit.
void roundByAdaRound(std::span<float> weights, const InputRows& inputs, const WeightGrid& grid,
                     const std::vector<bool>& pruned);

}  // namespace bitloupe::quantization
