// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "core/execution/operators/plain_convolution.h"

namespace bitloupe::execution {

/// The result where it has a quicker way than the general convolution: a kernel as large as its
/// image is a matrix product; few filters of few channels are convolved along the rows.
[[nodiscard]] std::optional<at::Tensor> convolveSmallImages(const PlainConvolution& convolution);

/// Mean over 2 x 2 windows, two apart, of [samples, channels, height, width].
[[nodiscard]] at::Tensor averageByPairs(const at::Tensor& images);

}  // namespace bitloupe::execution
