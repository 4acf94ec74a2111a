// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/quantization/input_rows.h"
#include "core/quantization/weight_grid.h"

namespace bitloupe::quantization {

/// Which columns GPTQ rounds first: as they are stored, or those with the largest second moment.
enum class ColumnOrder { Stored, Activation };

/// GPTQ (Frantar et al., ICLR 2023, arXiv 2210.17323): rounds the weights input by input, and moves
/// what is lost onto the inputs not yet rounded, by the second moments of the layer's inputs, with
/// 1 % of their mean added to the diagonal. `weights`: output channels as rows, changed in place;
/// `grid` may be of any granularity. Where `pruned` (empty or one flag a weight) is set the weight
/// becomes 0, and that loss is moved too. std::logic_error unless the sizes fit.
void roundByGptq(std::span<float> weights, const InputRows& inputs, const WeightGrid& grid,
                 const std::vector<bool>& pruned, ColumnOrder order);

}  // namespace bitloupe::quantization
