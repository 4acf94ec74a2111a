// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/channels_last.h"

#include <algorithm>

#include "core/execution/kernels/channels_last_kernels.h"
#include "core/execution/kernels/winograd.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

std::size_t sizeOf(std::int64_t value) {
    return static_cast<std::size_t>(value);
}

/// The window over an image of `height` by `width`, pads included.
kernels::SlidingWindow windowOf(const PlainConvolution& convolution, std::int64_t height,
                                std::int64_t width) {
    const at::Tensor& weight = convolution.weight;
    kernels::SlidingWindow window;
    window.height = sizeOf(height);
    window.width = sizeOf(width);
    window.kernelHeight = sizeOf(weight.size(2));
    window.kernelWidth = sizeOf(weight.size(3));
    window.strideHeight = sizeOf(convolution.strides[0]);
    window.strideWidth = sizeOf(convolution.strides[1]);
    window.dilationHeight = sizeOf(convolution.dilations[0]);
    window.dilationWidth = sizeOf(convolution.dilations[1]);
    window.outputHeight = (window.height - (window.kernelHeight - 1) * window.dilationHeight - 1) /
                              window.strideHeight +
                          1;
    window.outputWidth =
        (window.width - (window.kernelWidth - 1) * window.dilationWidth - 1) / window.strideWidth +
        1;
    return window;
}

std::int64_t paddedSize(const PlainConvolution& convolution, std::int64_t axis) {
    return convolution.image.size(axis + 2) + 2 * convolution.pads[sizeOf(axis)];
}

at::Tensor outputFor(const PlainConvolution& convolution, const kernels::SlidingWindow& window) {
    const auto height = static_cast<std::int64_t>(window.outputHeight);
    const auto width = static_cast<std::int64_t>(window.outputWidth);
    checkSize({convolution.weight.size(0), height, width});
    return at::empty({convolution.image.size(0), convolution.weight.size(0), height, width},
                     convolution.image.options(), at::MemoryFormat::ChannelsLast);
}

const float* biasOf(const at::Tensor& bias) {
    return bias.defined() ? bias.data_ptr<float>() : nullptr;
}

/// One row of pixels to [pixel, channel], block by block: both sides stay in the cache.
void turnRow(const float* from, std::int64_t channelStep, std::int64_t pixelStep,
             std::int64_t channels, std::int64_t pixels, float* to) {
    constexpr std::int64_t kPixels = 64;
    constexpr std::int64_t kChannels = 16;
    for (std::int64_t x = 0; x < pixels; x += kPixels) {
        const std::int64_t lastPixel = std::min(pixels, x + kPixels);
        for (std::int64_t c = 0; c < channels; c += kChannels) {
            const std::int64_t lastChannel = std::min(channels, c + kChannels);
            for (std::int64_t channel = c; channel < lastChannel; ++channel) {
                for (std::int64_t pixel = x; pixel < lastPixel; ++pixel) {
                    to[pixel * channels + channel] =
                        from[channel * channelStep + pixel * pixelStep];
                }
            }
        }
    }
}

/// Copies one image, in whichever order, into the middle of a padded one with its channels last,
/// whose border is already zero.
void copyInto(const at::Tensor& images, std::int64_t sample, const PlainConvolution& convolution,
              const kernels::SlidingWindow& window, std::vector<float>& padded) {
    const std::int64_t channels = images.size(1);
    const std::int64_t width = images.size(3);
    const bool turned = images.stride(1) != 1 || images.stride(3) != channels;
    const auto paddedWidth = static_cast<std::int64_t>(window.width);
    const float* from = images.data_ptr<float>() + sample * images.stride(0);
    const bool oneRow = paddedWidth == width && convolution.pads[0] == 0 &&
                        images.stride(2) == width * images.stride(3);
    if (turned && oneRow) {
        turnRow(from, images.stride(1), images.stride(3), channels, images.size(2) * width,
                padded.data());
        return;
    }
    float* to =
        padded.data() + (convolution.pads[0] * paddedWidth + convolution.pads[1]) * channels;
    for (std::int64_t y = 0; y < images.size(2); ++y) {
        if (turned) {
            turnRow(from, images.stride(1), images.stride(3), channels, width, to);
        } else {
            std::copy_n(from, width * channels, to);
        }
        from += images.stride(2);
        to += paddedWidth * channels;
    }
}

bool areAll(const std::vector<std::int64_t>& values, std::int64_t wanted) {
    return std::all_of(values.begin(), values.end(),
                       [wanted](std::int64_t value) { return value == wanted; });
}

/// Whether fewer multiplications are worth their transforms: measured. It follows from the shapes
/// of one sample alone, so that a sample's result does not depend on the others.
bool savesMultiplications(const PlainConvolution& convolution) {
    constexpr std::int64_t kFewChannels = 8;
    constexpr std::int64_t kSmallOutput = 4;
    const at::Tensor& weight = convolution.weight;
    return convolution.groups == 1 && weight.size(2) == 3 && weight.size(3) == 3 &&
           areAll(convolution.strides, 1) && areAll(convolution.dilations, 1) &&
           std::min(weight.size(0), weight.size(1)) >= kFewChannels &&
           std::min(paddedSize(convolution, 0), paddedSize(convolution, 1)) >= kSmallOutput + 2;
}

at::Tensor convolveTransformed(const PlainConvolution& convolution) {
    const at::Tensor images = convolution.image.contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor weight = convolution.weight.contiguous();
    const at::Tensor bias =
        convolution.bias.defined() ? convolution.bias.contiguous() : convolution.bias;
    const kernels::SlidingWindow window =
        windowOf(convolution, paddedSize(convolution, 0), paddedSize(convolution, 1));
    const kernels::WinogradConvolution shape{.height = sizeOf(images.size(2)),
                                             .width = sizeOf(images.size(3)),
                                             .padTop = sizeOf(convolution.pads[0]),
                                             .padLeft = sizeOf(convolution.pads[1]),
                                             .outputHeight = window.outputHeight,
                                             .outputWidth = window.outputWidth,
                                             .channels = sizeOf(images.size(1)),
                                             .filters = sizeOf(weight.size(0))};
    const PackedWeights::Packed packed = convolution.packed->get(
        PackedLayout::Winograd, convolution.stored, convolution.bias,
        [&] { return kernels::packWinograd(shape, weight.data_ptr<float>(), biasOf(bias)); });
    at::Tensor output = outputFor(convolution, window);
    kernels::convolveWinograd(shape, images.data_ptr<float>(), sizeOf(images.size(0)), *packed,
                              output.data_ptr<float>());
    return output;
}

at::Tensor convolveDense(const PlainConvolution& convolution) {
    if (savesMultiplications(convolution)) {
        return convolveTransformed(convolution);
    }
    const at::Tensor& images = convolution.image;
    checkSize({images.size(1), paddedSize(convolution, 0), paddedSize(convolution, 1)});
    const at::Tensor weight = convolution.weight.contiguous();
    const at::Tensor bias =
        convolution.bias.defined() ? convolution.bias.contiguous() : convolution.bias;
    kernels::DenseConvolution shape;
    shape.window = windowOf(convolution, paddedSize(convolution, 0), paddedSize(convolution, 1));
    shape.channels = sizeOf(images.size(1));
    shape.filters = sizeOf(weight.size(0));
    const PackedWeights::Packed packed = convolution.packed->get(
        PackedLayout::Dense, convolution.stored, convolution.bias,
        [&] { return kernels::packDense(shape, weight.data_ptr<float>(), biasOf(bias)); });
    at::Tensor output = outputFor(convolution, shape.window);
    const bool inPlace = convolution.pads[0] == 0 && convolution.pads[1] == 0 &&
                         images.is_contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<float> padded(
        inPlace ? 0 : shape.window.height * shape.window.width * shape.channels, 0.0F);
    const std::int64_t outputLength = output.numel() / images.size(0);
    for (std::int64_t sample = 0; sample < images.size(0); ++sample) {
        const float* image = padded.data();
        if (inPlace) {
            image = images.data_ptr<float>() + sample * (images.numel() / images.size(0));
        } else {
            copyInto(images, sample, convolution, shape.window, padded);
        }
        kernels::convolvePixels(shape, image, *packed,
                                output.data_ptr<float>() + sample * outputLength);
    }
    return output;
}

/// Calls `work` with where each image and its output start. Both have their channels last.
template <typename Work>
void forEachImage(const at::Tensor& images, const at::Tensor& output, Work work) {
    const std::int64_t inputLength = images.numel() / images.size(0);
    const std::int64_t outputLength = output.numel() / images.size(0);
    for (std::int64_t sample = 0; sample < images.size(0); ++sample) {
        work(images.data_ptr<float>() + sample * inputLength,
             output.data_ptr<float>() + sample * outputLength);
    }
}

at::Tensor convolveDepthwise(const PlainConvolution& convolution) {
    const at::Tensor images = convolution.image.contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor weight = convolution.weight.contiguous();
    const at::Tensor bias =
        convolution.bias.defined() ? convolution.bias.contiguous() : convolution.bias;
    kernels::ChannelwiseWindow shape;
    shape.window = windowOf(convolution, paddedSize(convolution, 0), paddedSize(convolution, 1));
    shape.window.height = sizeOf(images.size(2));
    shape.window.width = sizeOf(images.size(3));
    shape.channels = sizeOf(images.size(1));
    shape.padTop = sizeOf(convolution.pads[0]);
    shape.padLeft = sizeOf(convolution.pads[1]);
    const PackedWeights::Packed packed = convolution.packed->get(
        PackedLayout::Depthwise, convolution.stored, convolution.bias,
        [&] { return kernels::packDepthwise(shape, weight.data_ptr<float>(), biasOf(bias)); });
    at::Tensor output = outputFor(convolution, shape.window);
    forEachImage(images, output, [&](const float* from, float* to) {
        kernels::convolveDepthwise(shape, from, *packed, to);
    });
    return output;
}

/// Pads and dilations beyond it would leave the range of integers further on.
constexpr std::int64_t kLargest = std::int64_t{1} << 28;

/// Shapes that do not fit are left to the general way, which says what is wrong with them.
bool fits(const PlainConvolution& convolution) {
    const at::Tensor& image = convolution.image;
    const at::Tensor& weight = convolution.weight;
    if (image.dim() != 4 || image.numel() == 0 || weight.numel() == 0 || !isFloat32(convolution) ||
        image.size(1) != weight.size(1) * convolution.groups ||
        (convolution.bias.defined() && convolution.bias.numel() != weight.size(0))) {
        return false;
    }
    for (std::int64_t axis = 0; axis < 2; ++axis) {
        const std::size_t i = sizeOf(axis);
        const std::int64_t reach = (weight.size(axis + 2) - 1) * convolution.dilations[i] + 1;
        if (std::max(convolution.pads[i], convolution.dilations[i]) > kLargest ||
            convolution.pads[i] < 0 || convolution.strides[i] < 1 || convolution.dilations[i] < 1 ||
            paddedSize(convolution, axis) < reach) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<at::Tensor> convolveChannelsLast(const PlainConvolution& convolution) {
    if (!fits(convolution)) {
        return std::nullopt;
    }
    if (convolution.groups == 1) {
        return convolveForTraining(convolution, convolveDense);
    }
    if (convolution.groups == convolution.image.size(1) &&
        convolution.groups == convolution.weight.size(0)) {
        return convolveForTraining(convolution, convolveDepthwise);
    }
    return std::nullopt;
}

bool hasChannelsLast(const at::Tensor& images) {
    return images.dim() == 4 && !images.is_contiguous() &&
           images.is_contiguous(at::MemoryFormat::ChannelsLast);
}

namespace {

using PoolKernel = void (*)(const kernels::ChannelwiseWindow&, const float*, float*);

at::Tensor poolWith(PoolKernel kernel, const at::Tensor& images, const WindowPool& pool) {
    kernels::ChannelwiseWindow shape;
    shape.window = {.height = sizeOf(images.size(2)),
                    .width = sizeOf(images.size(3)),
                    .kernelHeight = sizeOf(pool.kernel[0]),
                    .kernelWidth = sizeOf(pool.kernel[1]),
                    .strideHeight = sizeOf(pool.strides[0]),
                    .strideWidth = sizeOf(pool.strides[1]),
                    .dilationHeight = sizeOf(pool.dilations[0]),
                    .dilationWidth = sizeOf(pool.dilations[1]),
                    .outputHeight = sizeOf(pool.outputSizes[0]),
                    .outputWidth = sizeOf(pool.outputSizes[1])};
    shape.channels = sizeOf(images.size(1));
    shape.padTop = sizeOf(pool.padsBefore[0]);
    shape.padLeft = sizeOf(pool.padsBefore[1]);
    at::Tensor output =
        at::empty({images.size(0), images.size(1), pool.outputSizes[0], pool.outputSizes[1]},
                  images.options(), at::MemoryFormat::ChannelsLast);
    forEachImage(images, output, [&](const float* from, float* to) { kernel(shape, from, to); });
    return output;
}

}  // namespace

at::Tensor maximaChannelsLast(const at::Tensor& images, const WindowPool& pool) {
    return poolWith(kernels::maximaOfWindows, images, pool);
}

at::Tensor meansChannelsLast(const at::Tensor& images, const WindowPool& pool) {
    return poolWith(kernels::meansOfWindows, images, pool);
}

}  // namespace bitloupe::execution
