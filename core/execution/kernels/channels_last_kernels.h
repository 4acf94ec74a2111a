// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

/// Sliding windows over float32 images whose channels are their last dimension ([height, width,
/// channels]), one call an image, no allocation inside. Every convolved output is its bias, then
/// plus input times weight tap by tap in one fixed order, each a fused multiply-add (where the
/// processor has one): it depends neither on the other filters nor on the other images.
namespace bitloupe::execution::kernels {

/// How a window slides over an image.
struct SlidingWindow {
    std::size_t height = 0;  ///< of the image
    std::size_t width = 0;
    std::size_t kernelHeight = 1;
    std::size_t kernelWidth = 1;
    std::size_t strideHeight = 1;
    std::size_t strideWidth = 1;
    std::size_t dilationHeight = 1;
    std::size_t dilationWidth = 1;
    std::size_t outputHeight = 0;
    std::size_t outputWidth = 0;

    [[nodiscard]] std::size_t taps() const { return kernelHeight * kernelWidth; }
};

/// Every filter sees every channel. The image is padded already: height and width hold its pads.
struct DenseConvolution {
    SlidingWindow window;
    std::size_t channels = 0;
    std::size_t filters = 0;
};

/// `weights` [filters, channels, kernel height, kernel width] and `bias` (may be null) in the order
/// that convolvePixels() reads them.
[[nodiscard]] std::vector<float> packDense(const DenseConvolution& shape, const float* weights,
                                           const float* bias);

/// `image` [height, width, channels] to `output` [output height, output width, filters]; taps by
/// row, column, channel.
void convolvePixels(const DenseConvolution& shape, const float* image,
                    const std::vector<float>& packed, float* output);
void convolvePixels(const DenseConvolution& shape, const float* image, const float* packed,
                    float* output);

/// Every channel is seen alone. The image has no pads: taps beyond it are left out.
struct ChannelwiseWindow {
    SlidingWindow window;
    std::size_t channels = 0;
    std::size_t padTop = 0;
    std::size_t padLeft = 0;
};

/// `weights` [channels, 1, kernel height, kernel width] and `bias` (may be null) in the order that
/// convolveDepthwise() reads them.
[[nodiscard]] std::vector<float> packDepthwise(const ChannelwiseWindow& shape, const float* weights,
                                               const float* bias);

/// One filter for each channel: `image` [height, width, channels] to `output` [output height,
/// output width, channels]; taps by row, column.
void convolveDepthwise(const ChannelwiseWindow& shape, const float* image,
                       const std::vector<float>& packed, float* output);

/// The largest value in each window; NaN if one is there, minus infinity in a window without
/// pixels.
void maximaOfWindows(const ChannelwiseWindow& shape, const float* image, float* output);

/// The mean of each window; every window lies inside the image.
void meansOfWindows(const ChannelwiseWindow& shape, const float* image, float* output);

}  // namespace bitloupe::execution::kernels
