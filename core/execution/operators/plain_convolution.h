// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "core/execution/operators/packed_weights.h"

namespace bitloupe::execution {

/// A convolution as ATen describes it; `pads` are the same on both sides.
struct PlainConvolution {
    at::Tensor image;
    at::Tensor weight;
    at::Tensor bias;  ///< may be undefined
    std::vector<std::int64_t> strides;
    std::vector<std::int64_t> pads;
    std::vector<std::int64_t> dilations;
    std::int64_t groups = 1;
    PackedWeights* packed = nullptr;  ///< the convolution's own
    at::Tensor stored;                ///< the weight by which `packed` knows it
};

/// Image, weight and bias, if there is one, are 32-bit floats.
[[nodiscard]] bool isFloat32(const PlainConvolution& convolution);

/// `forward` of the convolution. While gradients are recorded, training goes forwards through the
/// very same loops, and backwards through the library's.
[[nodiscard]] at::Tensor convolveForTraining(const PlainConvolution& convolution,
                                             at::Tensor (*forward)(const PlainConvolution&));

}  // namespace bitloupe::execution
