// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/small_images.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/execution/kernels/channels_last_kernels.h"
#include "core/execution/kernels/image_kernels.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// Up to here vectors of neighbouring pixels were measured to be quicker than vectors of filters.
constexpr std::int64_t kFewChannels = 4;
constexpr std::int64_t kFewFilters = 8;

bool hasBiasForEachFilter(const PlainConvolution& convolution) {
    const at::Tensor& bias = convolution.bias;
    return !bias.defined() || (bias.dim() == 1 && bias.size(0) == convolution.weight.size(0));
}

bool allAre(const std::vector<std::int64_t>& values, std::int64_t wanted) {
    return std::all_of(values.begin(), values.end(),
                       [wanted](std::int64_t value) { return value == wanted; });
}

/// Values of an image up to which the weights of a few filters stay in the processor's cache.
constexpr std::int64_t kLongestRow = 2048;

/// Whether rows of pixels times packed filters are the way; those of the library otherwise.
bool takesPackedFilters(const PlainConvolution& convolution) {
    const auto trains = [](const at::Tensor& tensor) {
        return tensor.defined() && tensor.requires_grad();
    };
    return convolution.packed != nullptr && convolution.image.dim() == 4 &&
           convolution.image.numel() / convolution.image.size(0) <= kLongestRow &&
           !(at::GradMode::is_enabled() &&
             (trains(convolution.image) || trains(convolution.weight) || trains(convolution.bias)));
}

/// Each image is one pixel of many channels: its own pixels one behind the other.
at::Tensor asPackedProduct(const PlainConvolution& convolution) {
    const at::Tensor images = convolution.image.contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor weight = convolution.weight.contiguous();
    const at::Tensor bias =
        convolution.bias.defined() ? convolution.bias.contiguous() : convolution.bias;
    const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    kernels::DenseConvolution shape;
    shape.window.kernelHeight = size(weight.size(2));
    shape.window.kernelWidth = size(weight.size(3));
    shape.channels = size(weight.size(1));
    shape.filters = size(weight.size(0));
    const PackedWeights::Packed packed =
        convolution.packed->get(PackedLayout::Dense, convolution.stored, convolution.bias, [&] {
            return kernels::packDense(shape, weight.data_ptr<float>(),
                                      bias.defined() ? bias.data_ptr<float>() : nullptr);
        });
    shape.channels *= shape.window.taps();
    shape.window = {.height = 1,
                    .width = size(images.size(0)),
                    .outputHeight = 1,
                    .outputWidth = size(images.size(0))};
    at::Tensor output = at::empty({images.size(0), weight.size(0), 1, 1}, images.options());
    kernels::convolvePixels(shape, images.data_ptr<float>(), *packed, output.data_ptr<float>());
    return output;
}

/// A kernel as large as its image leaves one output a filter: a matrix product.
at::Tensor asProduct(const PlainConvolution& convolution) {
    if (takesPackedFilters(convolution)) {
        return asPackedProduct(convolution);
    }
    const at::Tensor rows = convolution.image.flatten(1);
    const at::Tensor columns = convolution.weight.flatten(1).t();
    const at::Tensor product = convolution.bias.defined()
                                   ? at::addmm(convolution.bias, rows, columns)
                                   : at::mm(rows, columns);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(convolution.image.dim()), 1);
    shape[0] = product.size(0);
    shape[1] = product.size(1);
    return product.view(shape);
}

kernels::DirectConvolution shapeOf(const PlainConvolution& convolution) {
    const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    kernels::DirectConvolution shape;
    shape.channels = size(convolution.image.size(1));
    shape.height = size(convolution.image.size(2) + 2 * convolution.pads[0]);
    shape.width = size(convolution.image.size(3) + 2 * convolution.pads[1]);
    shape.filters = size(convolution.weight.size(0));
    shape.kernelHeight = size(convolution.weight.size(2));
    shape.kernelWidth = size(convolution.weight.size(3));
    shape.dilationHeight = size(convolution.dilations[0]);
    shape.dilationWidth = size(convolution.dilations[1]);
    return shape;
}

/// Copies one image into the middle of a padded one whose border is already zero.
void copyInto(const kernels::DirectConvolution& shape, const float* image, std::size_t top,
              std::size_t left, std::vector<float>& padded) {
    const std::size_t rows = shape.height - 2 * top;
    const std::size_t columns = shape.width - 2 * left;
    for (std::size_t c = 0; c < shape.channels; ++c) {
        for (std::size_t y = 0; y < rows; ++y) {
            float* to = padded.data() + (c * shape.height + top + y) * shape.width + left;
            std::copy_n(image, columns, to);
            image += columns;
        }
    }
}

at::Tensor convolveDirectly(const PlainConvolution& convolution) {
    const kernels::DirectConvolution shape = shapeOf(convolution);
    const auto size = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    checkSize(
        {size(std::max(shape.channels, shape.filters)), size(shape.height), size(shape.width)});
    const at::Tensor image = convolution.image.contiguous();
    const at::Tensor weight = convolution.weight.contiguous();
    const at::Tensor bias =
        convolution.bias.defined() ? convolution.bias.contiguous() : convolution.bias;
    const std::vector<float> packed = kernels::packFilters(shape, weight.data_ptr<float>());
    at::Tensor output =
        at::empty({image.size(0), weight.size(0), static_cast<std::int64_t>(shape.outputHeight()),
                   static_cast<std::int64_t>(shape.outputWidth())},
                  image.options());
    std::vector<float> padded(shape.channels * shape.height * shape.width + kernels::kReadBeyond,
                              0.0F);
    const auto stride = [](const at::Tensor& tensor) {
        return tensor.size(0) == 0 ? 0 : tensor.numel() / tensor.size(0);
    };
    for (std::int64_t sample = 0; sample < image.size(0); ++sample) {
        copyInto(shape, image.data_ptr<float>() + sample * stride(image),
                 static_cast<std::size_t>(convolution.pads[0]),
                 static_cast<std::size_t>(convolution.pads[1]), padded);
        kernels::convolve(shape, padded.data(), packed,
                          bias.defined() ? bias.data_ptr<float>() : nullptr,
                          output.data_ptr<float>() + sample * stride(output));
    }
    return output;
}

at::Tensor averageDirectly(const at::Tensor& images) {
    const at::Tensor dense = images.contiguous();
    const std::int64_t height = dense.size(2);
    const std::int64_t width = dense.size(3);
    at::Tensor output =
        at::empty({dense.size(0), dense.size(1), height / 2, width / 2}, dense.options());
    const float* from = dense.data_ptr<float>();
    float* to = output.data_ptr<float>();
    for (std::int64_t plane = 0; plane < dense.size(0) * dense.size(1); ++plane) {
        kernels::averagePairs(from, static_cast<std::size_t>(height),
                              static_cast<std::size_t>(width), to);
        from += height * width;
        to += (height / 2) * (width / 2);
    }
    return output;
}

// Training goes forwards through the very same loops, and backwards through the library's.

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct TrainedAverage : torch::autograd::Function<TrainedAverage> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& images) {
        context->save_for_backward({images});
        return averageDirectly(images);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        return {at::avg_pool2d_backward(gradients[0].contiguous(), saved[0], {2, 2}, {2, 2}, {0, 0},
                                        false, true, {})};
    }
};

}  // namespace

std::optional<at::Tensor> convolveSmallImages(const PlainConvolution& convolution) {
    const at::Tensor& image = convolution.image;
    const at::Tensor& weight = convolution.weight;
    if (convolution.groups != 1 || !isFloat32(convolution) || image.size(1) != weight.size(1) ||
        image.numel() == 0 || weight.numel() == 0 || !hasBiasForEachFilter(convolution)) {
        return std::nullopt;
    }
    const bool unpadded = allAre(convolution.pads, 0);
    if (unpadded && allAre(convolution.dilations, 1) &&
        image.sizes().slice(2) == weight.sizes().slice(2)) {
        return asProduct(convolution);
    }
    if (image.dim() != 4 || image.size(1) > kFewChannels || weight.size(0) > kFewFilters ||
        !allAre(convolution.strides, 1)) {
        return std::nullopt;
    }
    for (std::int64_t axis = 0; axis < 2; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        const std::int64_t reach = (weight.size(axis + 2) - 1) * convolution.dilations[i] + 1;
        if (convolution.pads[i] < 0 || image.size(axis + 2) + 2 * convolution.pads[i] < reach) {
            return std::nullopt;  // the general way says what is wrong
        }
    }
    return convolveForTraining(convolution, convolveDirectly);
}

at::Tensor averageByPairs(const at::Tensor& images) {
    return at::GradMode::is_enabled() && images.requires_grad() ? TrainedAverage::apply(images)
                                                                : averageDirectly(images);
}

}  // namespace bitloupe::execution
