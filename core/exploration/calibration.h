// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/execution/population_runner.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::exploration {

/// What calibration saw of the computed operands of one layer; the second is that of attention's
/// products, and empty elsewhere.
struct OperandStatistics {
    quantization::ValueStatistics first;
    quantization::ValueStatistics second;
};

/// Extremes of everything that reaches each layer when the float network runs over `samples`, and
/// at most about 65,536 evenly spaced values of it. Values that no output depends on, such as
/// padding behind a mask, are left out.
[[nodiscard]] Result<std::vector<OperandStatistics>> calibrate(
    const execution::PopulationRunner& runner, std::size_t layers, const data::Samples& samples);

}  // namespace bitloupe::exploration
