// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "core/execution/narrow_types.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

/// Cuts or fills up evenly on both sides; an odd rest is at the end.
Kernel makeCenterCropPad(const Attributes& attributes) {
    const std::vector<std::int64_t> given = attributes.integers("axes");
    return [given](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor x = inputs[0];
        const std::vector<std::int64_t> sizes = integerValues(inputs[1]);
        checkSize(sizes);
        require(given.empty() ? static_cast<std::int64_t>(sizes.size()) == x.dim()
                              : sizes.size() == given.size(),
                "there must be one size for each axis");
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            const std::int64_t axis =
                given.empty() ? static_cast<std::int64_t>(i) : wrapAxis(given[i], x.dim());
            const std::int64_t missing = sizes[i] - x.size(axis);
            if (missing <= 0) {
                x = x.narrow(axis, -missing / 2, sizes[i]);
                continue;
            }
            std::vector<std::int64_t> widths(static_cast<std::size_t>(2 * (x.dim() - axis)), 0);
            widths[widths.size() - 2] = missing / 2;
            widths[widths.size() - 1] = missing - missing / 2;
            x = at::constant_pad_nd(x, widths, 0);
        }
        return {x.contiguous()};
    };
}

/// Adds columns [samples, channels * block, places] up into images, as im2col took them apart.
Kernel makeCol2Im(const Attributes& attributes) {
    const Window window = Window::read(attributes);
    return [window](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> image = integerValues(inputs[1]);
        const std::vector<std::int64_t> block = integerValues(inputs[2]);
        const std::size_t rank = image.size();
        require(rank > 0 && inputs[0].dim() == 3, "the input must be [samples, columns, places]");
        const std::vector<std::int64_t> strides = window.stridesFor(rank);
        const std::vector<std::int64_t> dilations = window.dilationsFor(rank);
        const WindowPads pads = window.padsFor(image, block);
        const std::int64_t taps =
            std::accumulate(block.begin(), block.end(), std::int64_t{1}, std::multiplies<>());
        require(taps > 0 && inputs[0].size(1) % taps == 0, "the columns do not fit the block");
        std::vector<std::int64_t> whole = {inputs[0].size(0), inputs[0].size(1) / taps};
        std::vector<std::int64_t> parts = {whole[0], whole[1], taps};
        for (std::size_t i = 0; i < rank; ++i) {
            whole.push_back(image[i] + pads.before[i] + pads.after[i]);
            parts.push_back((whole.back() - (block[i] - 1) * dilations[i] - 1) / strides[i] + 1);
        }
        checkSize(whole);
        const at::Tensor columns = inputs[0].reshape(parts);
        at::Tensor result = at::zeros(whole, inputs[0].options());
        for (std::int64_t tap = 0; tap < taps; ++tap) {
            at::Tensor place = result;
            std::int64_t rest = tap;
            for (std::size_t i = rank; i-- > 0;) {
                const std::int64_t start = rest % block[i] * dilations[i];
                rest /= block[i];
                place = place.slice(static_cast<std::int64_t>(i) + 2, start,
                                    start + (parts[i + 3] - 1) * strides[i] + 1, strides[i]);
            }
            place.add_(columns.select(2, tap));
        }
        for (std::size_t i = 0; i < rank; ++i) {
            result = result.narrow(static_cast<std::int64_t>(i) + 2, pads.before[i], image[i]);
        }
        return {result.contiguous()};
    };
}

Kernel makeCompress(const Attributes& attributes) {
    const bool flat = !attributes.has("axis");
    const std::int64_t axis = attributes.integer("axis", 0);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor x = flat ? inputs[0].flatten() : inputs[0];
        const at::Tensor chosen = at::nonzero(inputs[1].to(at::kBool)).flatten();
        return {at::index_select(x, wrapAxis(axis, x.dim()), chosen)};
    };
}

Kernel makeReverseSequence(const Attributes& attributes) {
    const std::int64_t batchAxis = attributes.integer("batch_axis", 1);
    const std::int64_t timeAxis = attributes.integer("time_axis", 0);
    require(batchAxis + timeAxis == 1, "batch and time must be the first two axes");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor result = inputs[0].clone();
        const std::vector<std::int64_t> lengths = integerValues(inputs[1]);
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            const at::Tensor part =
                result.select(batchAxis, static_cast<std::int64_t>(i)).narrow(0, 0, lengths[i]);
            part.copy_(at::flip(part, {0}));
        }
        return {result};
    };
}

/// Outputs: the different values, where each first is, which one each element is, how often.
Kernel makeUnique(const Attributes& attributes) {
    const bool flat = !attributes.has("axis");
    const std::int64_t axis = attributes.integer("axis", 0);
    const bool sorted = attributes.integer("sorted", 1) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor x = flat ? inputs[0].flatten() : inputs[0];
        const std::int64_t at = wrapAxis(axis, x.dim());
        auto [values, inverse, counts] = at::unique_dim(x, at, true, true, true);
        at::Tensor first = at::full(counts.sizes(), x.size(at), at::kLong);
        for (std::int64_t i = x.size(at); i-- > 0;) {
            first[inverse[i].item<std::int64_t>()] = i;
        }
        if (!sorted) {
            const at::Tensor order = at::argsort(first);
            const at::Tensor place = at::argsort(order);
            values = at::index_select(values, at, order);
            first = first.index({order});
            counts = counts.index({order});
            inverse = place.index({inverse});
        }
        return {values.contiguous(), first, inverse, counts};
    };
}

/// Inputs: values, their places in the whole tensor before pooling, its shape.
Kernel makeMaxUnpool(const Attributes& attributes) {
    const Window window = Window::read(attributes);
    const std::vector<std::int64_t> kernel = attributes.integers("kernel_shape");
    require(!kernel.empty(), "the attribute \"kernel_shape\" is missing");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        require(x.dim() == static_cast<std::int64_t>(kernel.size()) + 2,
                "the kernel does not fit the input");
        const std::vector<std::int64_t> strides = window.stridesFor(kernel.size());
        const WindowPads pads = window.padsFor(x.sizes().slice(2), kernel);
        std::vector<std::int64_t> shape = {x.size(0), x.size(1)};
        for (std::size_t i = 0; i < kernel.size(); ++i) {
            shape.push_back((x.size(static_cast<std::int64_t>(i) + 2) - 1) * strides[i] +
                            kernel[i] - pads.before[i] - pads.after[i]);
        }
        checkSize(shape);
        at::Tensor result = at::zeros(shape, x.options()).flatten();
        const at::Tensor places = inputs[1].to(at::kLong).flatten();
        require(places.numel() == 0 || (places.min().item<std::int64_t>() >= 0 &&
                                        places.max().item<std::int64_t>() < result.numel()),
                "a place is outside the result");
        result = result.index_copy(0, places, x.flatten()).reshape(shape);
        if (const at::Tensor wanted = optionalInput(inputs, 2); wanted.defined()) {
            const std::vector<std::int64_t> sizes = integerValues(wanted);
            require(sizes.size() == shape.size(), "the wanted shape has another rank");
            checkSize(sizes);
            std::vector<std::int64_t> widths;
            for (std::size_t i = sizes.size(); i-- > 0;) {
                widths.push_back(0);
                widths.push_back(sizes[i] - shape[i]);
            }
            result = at::constant_pad_nd(result, widths, 0);
        }
        return {result};
    };
}

Kernel makeBitCast(const Attributes& attributes) {
    const std::int64_t type = attributes.integer("to", 0);
    require(!isNarrowType(type) && type != 4 && type != 12 && attributes.narrowType(0) == 0,
            "the bits of a type that is carried in a wider one cannot be taken over");
    const at::ScalarType target = carrierOf(type);
    return [target](std::span<const at::Tensor> inputs) -> Tensors {
        require(static_cast<std::int64_t>(at::elementSize(target)) == inputs[0].element_size(),
                "the two types have different sizes");
        return {inputs[0].contiguous().view(target)};
    };
}

Kernel makeDeterminant(const Attributes&) {
    return
        [](std::span<const at::Tensor> inputs) -> Tensors { return {at::linalg_det(inputs[0])}; };
}

/// Values that may be missing are tensors here, and always there.
Kernel makeOptionalHasElement(const Attributes& attributes) {
    const bool given =
        !attributes.node().inputs.empty() && !attributes.node().inputs.front().empty();
    return [given](std::span<const at::Tensor>) -> Tensors {
        return {at::full({}, given, at::kBool)};
    };
}

Kernel makeOptionalGetElement(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors { return {inputs[0]}; };
}

}  // namespace

void addRearrangementOperators(OperatorTable& table) {
    table["CenterCropPad"] = makeCenterCropPad;
    table["Col2Im"] = makeCol2Im;
    table["Compress"] = makeCompress;
    table["ReverseSequence"] = makeReverseSequence;
    table["Unique"] = makeUnique;
    table["MaxUnpool"] = makeMaxUnpool;
    table["BitCast"] = makeBitCast;
    table["Det"] = makeDeterminant;
    table["OptionalHasElement"] = makeOptionalHasElement;
    table["OptionalGetElement"] = makeOptionalGetElement;
}

}  // namespace bitloupe::execution
