// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "core/execution/training/tensor_rounding.h"

namespace bitloupe::execution {

/// `x` rounded, bit for bit as `rounding` does it. Backwards the gradient passes straight through
/// where the value was not clipped (Bengio et al., arXiv 1308.3432).
///
/// `scales` (Float32, as many as the rounding has; undefined without) gets LSQ's gradient when it
/// asks for one: rounded / scale - x / scale within the range, rounded / scale beyond, times
/// 1 / sqrt(elements * highest code). `elements` is how many share a scale, of one sample.
/// `scaleOf`: the rounding's as an Int64 tensor of the shape {x.numel()}; undefined for one scale.
/// `done`: share of the training that is behind. `rounding` must outlive the gradient.
[[nodiscard]] at::Tensor fakeQuantize(const at::Tensor& x, const at::Tensor& scales,
                                      const at::Tensor& scaleOf, const TensorRounding& rounding,
                                      double elements, double done);

}  // namespace bitloupe::execution
