// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"
#include "core/execution/operators/channels_last.h"
#include "core/execution/operators/small_images.h"

namespace bitloupe::execution {

namespace {

at::Tensor biasOf(std::span<const at::Tensor> inputs) {
    return optionalInput(inputs, 2);
}

/// Filters (of a transposed convolution: input channels) lie along the weight's first dimension.
void checkGroups(std::int64_t groups, const at::Tensor& weight) {
    require(groups >= 1 && groups <= std::max<std::int64_t>(1, weight.size(0)),
            "group is " + std::to_string(groups) + ", the weight's first size is " +
                std::to_string(weight.size(0)));
}

/// Sizes that an attribute gives for each dimension.
void checkAttribute(const std::vector<std::int64_t>& sizes, const char* name) {
    for (const std::int64_t size : sizes) {
        require(size >= 0 && size <= std::int64_t{1} << 31,
                std::string(name) + " holds " + std::to_string(size) + ", which is not a size");
    }
}

/// Spatial sizes: everything after batch and channels.
at::IntArrayRef spatialSizes(const at::Tensor& tensor) {
    return tensor.sizes().slice(2);
}

/// Sequences are images of one row.
std::optional<at::Tensor> convolveRows(const PlainConvolution& plain) {
    PlainConvolution image = plain;
    image.image = plain.image.unsqueeze(2);
    image.weight = plain.weight.unsqueeze(2);
    image.strides.insert(image.strides.begin(), 1);
    image.pads.insert(image.pads.begin(), 0);
    image.dilations.insert(image.dilations.begin(), 1);
    const std::optional<at::Tensor> output = convolveChannelsLast(image);
    return output ? std::optional(output->squeeze(2)) : std::nullopt;
}

Kernel makeConvolution(const Attributes& attributes) {
    const Window window = Window::read(attributes);
    const std::int64_t groups = attributes.integer("group", 1);
    // Kept from call to call, but it follows from the inputs alone.
    const auto packed = std::make_shared<PackedWeights>();
    return [window, groups, packed](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& weight = inputs[1];
        at::Tensor image = inputs[0];
        require(image.dim() >= 3 && weight.dim() == image.dim(),
                "the input and the weight must both have batch, channel and spatial dimensions");
        checkGroups(groups, weight);
        const auto rank = static_cast<std::size_t>(image.dim() - 2);
        WindowPads pads = window.padsFor(spatialSizes(image), spatialSizes(weight));
        if (!pads.symmetric()) {
            image = padSpatial(image, pads, 0);
            pads.before.assign(rank, 0);
        }
        const PlainConvolution plain{image,          weight,
                                     biasOf(inputs), window.stridesFor(rank),
                                     pads.before,    window.dilationsFor(rank),
                                     groups,         packed.get(),
                                     weight};
        if (const std::optional<at::Tensor> quick = convolveSmallImages(plain)) {
            return {*quick};
        }
        if (const std::optional<at::Tensor> quick =
                rank == 1 ? convolveRows(plain) : convolveChannelsLast(plain)) {
            return {*quick};
        }
        return {at::convolution(image, weight, plain.bias, plain.strides, plain.pads,
                                plain.dilations, /*transposed=*/false,
                                std::vector<std::int64_t>(rank, 0), groups)};
    };
}

/// Crops `full`, a transposed convolution without pads, to the size ONNX asks for.
at::Tensor cropSpatial(at::Tensor full, const WindowPads& pads) {
    for (std::size_t i = 0; i < pads.before.size(); ++i) {
        const auto axis = static_cast<std::int64_t>(i) + 2;
        const std::int64_t size = full.size(axis) - pads.before[i] - pads.after[i];
        require(size > 0, "the pads leave no output");
        full = full.narrow(axis, pads.before[i], size);
    }
    return full;
}

WindowPads transposedPads(const Window& window, const std::vector<std::int64_t>& outputShape,
                          at::IntArrayRef input, at::IntArrayRef kernel,
                          const std::vector<std::int64_t>& extra) {
    const std::size_t rank = input.size();
    const bool same = window.autoPad == "SAME_UPPER" || window.autoPad == "SAME_LOWER";
    if (outputShape.empty() && !same) {
        return window.padsFor(input, kernel);
    }
    const std::vector<std::int64_t> strides = window.stridesFor(rank);
    const std::vector<std::int64_t> dilations = window.dilationsFor(rank);
    WindowPads pads{std::vector<std::int64_t>(rank), std::vector<std::int64_t>(rank)};
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t wanted = outputShape.empty() ? input[i] * strides[i] : outputShape[i];
        const std::int64_t full =
            strides[i] * (input[i] - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1;
        const std::int64_t total = full - wanted;  // below zero: the end is filled up
        const std::int64_t cut = std::max<std::int64_t>(0, total);
        const bool upper = window.autoPad == "SAME_UPPER";
        pads.before[i] = upper ? cut / 2 : cut - cut / 2;
        pads.after[i] = total - pads.before[i];
    }
    return pads;
}

Kernel makeTransposedConvolution(const Attributes& attributes) {
    const Window window = Window::read(attributes);
    const std::int64_t groups = attributes.integer("group", 1);
    const std::vector<std::int64_t> outputPadding = attributes.integers("output_padding");
    std::vector<std::int64_t> outputShape = attributes.integers("output_shape");
    checkAttribute(outputPadding, "output_padding");
    checkAttribute(outputShape, "output_shape");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& image = inputs[0];
        const at::Tensor& weight = inputs[1];
        require(image.dim() >= 3 && weight.dim() == image.dim(),
                "the input and the weight must both have batch, channel and spatial dimensions");
        checkGroups(groups, weight);
        const auto rank = static_cast<std::size_t>(image.dim() - 2);
        const std::vector<std::int64_t> none(rank, 0);
        const std::vector<std::int64_t> extra = outputPadding.empty() ? none : outputPadding;
        require(extra.size() == rank, "output_padding must have one value a dimension");
        std::vector<std::int64_t> shape = outputShape;
        require(shape.empty() || shape.size() >= rank,
                "output_shape must have one value a dimension");
        if (shape.size() > rank) {
            shape.erase(shape.begin(), shape.end() - static_cast<std::ptrdiff_t>(rank));
        }
        WindowPads pads =
            transposedPads(window, shape, spatialSizes(image), spatialSizes(weight), extra);
        std::vector<std::int64_t> whole = {image.size(0), weight.size(1) * groups};
        for (std::size_t i = 0; i < rank; ++i) {
            const auto axis = static_cast<std::int64_t>(i) + 2;
            whole.push_back((image.size(axis) - 1) * window.stridesFor(rank)[i] +
                            (weight.size(axis) - 1) * window.dilationsFor(rank)[i] + 1);
        }
        checkSize(whole);
        // ATen wants output_padding below the stride; the widened tail is zeros plus bias anyway.
        at::Tensor full =
            at::convolution(image, weight, {}, window.stridesFor(rank), none,
                            window.dilationsFor(rank), /*transposed=*/true, none, groups);
        std::vector<std::int64_t> tail = extra;
        for (std::size_t i = 0; i < rank; ++i) {
            const std::int64_t missing = std::max<std::int64_t>(0, -pads.after[i]);
            tail[i] += missing;
            pads.after[i] += missing;
        }
        full = cropSpatial(padSpatial(full, {none, tail}, 0), pads);
        const at::Tensor bias = biasOf(inputs);
        if (bias.defined()) {
            std::vector<std::int64_t> shapeOfBias(static_cast<std::size_t>(image.dim()), 1);
            shapeOfBias[1] = bias.numel();
            full = full + bias.reshape(shapeOfBias);
        }
        return {full};
    };
}

}  // namespace

void addConvolutionOperators(OperatorTable& table) {
    table["Conv"] = makeConvolution;
    table["ConvTranspose"] = makeTransposedConvolution;
}

}  // namespace bitloupe::execution
