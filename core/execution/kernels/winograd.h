// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

/// Convolutions with windows of 3 x 3 pixels, one apart, over float32 images whose channels are
/// their last dimension, with 16 multiplications for every 36: Winograd's minimal filtering
/// F(2x2, 3x3) after Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2016),
/// section 4.1. The constants of its transforms are 1 and 1/2: values on a binary grid stay exact
/// as long as their sums fit into 24 bits, as in the direct sum. An output depends neither on the
/// other images nor on the other filters.
namespace bitloupe::execution::kernels {

struct WinogradConvolution {
    std::size_t height = 0;  ///< of the image, without pads
    std::size_t width = 0;
    std::size_t padTop = 0;
    std::size_t padLeft = 0;
    std::size_t outputHeight = 0;
    std::size_t outputWidth = 0;
    std::size_t channels = 0;
    std::size_t filters = 0;
};

/// `weights` [filters, channels, 3, 3] and `bias` (may be null), transformed and in the order that
/// convolveWinograd() reads them.
[[nodiscard]] std::vector<float> packWinograd(const WinogradConvolution& shape,
                                              const float* weights, const float* bias);

/// `count` images [height, width, channels], one behind the other, to as many outputs
/// [output height, output width, filters].
void convolveWinograd(const WinogradConvolution& shape, const float* images, std::size_t count,
                      const std::vector<float>& packed, float* outputs);

}  // namespace bitloupe::execution::kernels
