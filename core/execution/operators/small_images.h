// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <optional>
#include <vector>

namespace bitloupe::execution {

/// A convolution without groups as ATen describes it; `pads` are the same on both sides.
struct PlainConvolution {
    at::Tensor image;
    at::Tensor weight;
    at::Tensor bias;  ///< may be undefined
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> pads;
    std::vector<std::int64_t> dilations;
};

/// The result by a quicker way than the general convolution, where there is one: a kernel as large
/// as its image is a matrix product; images of few channels are convolved directly.
[[nodiscard]] std::optional<at::Tensor> convolveQuickly(const PlainConvolution& convolution);

/// Mean over 2 x 2 windows, two apart, of [samples, channels, height, width].
[[nodiscard]] at::Tensor averageByPairs(const at::Tensor& images);

}  // namespace bitloupe::execution
