// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/execution/operators/plain_convolution.h"

namespace bitloupe::execution {

/// The convolution of float32 images [samples, channels, height, width] without groups, or with a
/// filter for each channel. The result lies in memory with its channels last; an image that does so
/// already is not turned first. Nothing for other convolutions and for shapes that do not fit.
[[nodiscard]] std::optional<at::Tensor> convolveChannelsLast(const PlainConvolution& convolution);

/// Whether four-dimensional images lie in memory with their channels last, and not also in order.
[[nodiscard]] bool hasChannelsLast(const at::Tensor& images);

/// A pool over images that have their channels last; pixels beyond the image do not count.
struct WindowPool {
    std::vector<std::int64_t> kernel;
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> dilations;
    std::vector<std::int64_t> padsBefore;
    std::vector<std::int64_t> outputSizes;
};

/// The largest value of each window, channels last. Records no gradients.
[[nodiscard]] at::Tensor maximaChannelsLast(const at::Tensor& images, const WindowPool& pool);

/// The mean of each window, all of which lie inside the image. Records no gradients.
[[nodiscard]] at::Tensor meansChannelsLast(const at::Tensor& images, const WindowPool& pool);

}  // namespace bitloupe::execution
