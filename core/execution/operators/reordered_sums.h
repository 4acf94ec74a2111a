// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace bitloupe::execution {

/// The sum over `axes` (counted from the front) of float32 values that are dense in memory in
/// another order than row by row, where what is left lies in runs: each run is added as a whole,
/// and the result keeps the order. Nothing for other tensors and while gradients are recorded.
[[nodiscard]] std::optional<at::Tensor> sumReordered(const at::Tensor& x, at::IntArrayRef axes,
                                                     bool keep);

}  // namespace bitloupe::execution
