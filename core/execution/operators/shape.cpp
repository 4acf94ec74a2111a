// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <optional>

#include "core/execution/narrow_types.h"
#include "core/execution/operator_table.h"
#include "core/execution/operators/channels_last.h"
#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

namespace {

at::Tensor integers(const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::kLong);
}

/// Axes from the second input (new opsets) or the attribute (old ones).
std::vector<std::int64_t> axesOf(std::span<const at::Tensor> inputs,
                                 const std::vector<std::int64_t>& fixed) {
    const at::Tensor given = optionalInput(inputs, 1);
    return given.defined() ? integerValues(given) : fixed;
}

Kernel makeReshape(const Attributes& attributes) {
    const std::vector<std::int64_t> fixed = attributes.integers("shape");
    const bool zeroIsZero = attributes.integer("allowzero", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        std::vector<std::int64_t> shape = axesOf(inputs, fixed);
        for (std::size_t i = 0; i < shape.size(); ++i) {
            if (shape[i] == 0 && !zeroIsZero) {
                require(static_cast<std::int64_t>(i) < inputs[0].dim(),
                        "the new shape copies a dimension that the input does not have");
                shape[i] = inputs[0].size(static_cast<std::int64_t>(i));
            }
        }
        return {inputs[0].reshape(shape)};
    };
}

Kernel makeFlatten(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 1);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const std::int64_t split = axis == x.dim() ? axis : wrapAxis(axis, x.dim());
        std::int64_t rows = 1;
        std::int64_t columns = 1;
        for (std::int64_t i = 0; i < x.dim(); ++i) {
            (i < split ? rows : columns) *= x.size(i);
        }
        return {x.reshape({rows, columns})};
    };
}

Kernel makeTranspose(const Attributes& attributes) {
    const std::vector<std::int64_t> fixed = attributes.integers("perm");
    return [fixed](std::span<const at::Tensor> inputs) -> Tensors {
        std::vector<std::int64_t> order = fixed;
        if (order.empty()) {
            for (std::int64_t axis = inputs[0].dim(); axis-- > 0;) {
                order.push_back(axis);
            }
        }
        return {inputs[0].permute(order)};
    };
}

Kernel makeSqueeze(const Attributes& attributes) {
    const std::vector<std::int64_t> fixed = attributes.integers("axes");
    return [fixed](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        std::vector<std::int64_t> axes = axesOf(inputs, fixed);
        std::vector<std::int64_t> shape;
        for (std::int64_t& axis : axes) {
            axis = wrapAxis(axis, x.dim());
            require(x.size(axis) == 1, "a dimension that is squeezed is not 1");
        }
        for (std::int64_t i = 0; i < x.dim(); ++i) {
            const bool named = std::find(axes.begin(), axes.end(), i) != axes.end();
            if (!named && !(axes.empty() && x.size(i) == 1)) {
                shape.push_back(x.size(i));
            }
        }
        return {x.reshape(shape)};
    };
}

Kernel makeUnsqueeze(const Attributes& attributes) {
    const std::vector<std::int64_t> fixed = attributes.integers("axes");
    return [fixed](std::span<const at::Tensor> inputs) -> Tensors {
        std::vector<std::int64_t> axes = axesOf(inputs, fixed);
        const auto rank = inputs[0].dim() + static_cast<std::int64_t>(axes.size());
        for (std::int64_t& axis : axes) {
            axis = wrapAxis(axis, rank);
        }
        std::sort(axes.begin(), axes.end());
        at::Tensor result = inputs[0];
        for (const std::int64_t axis : axes) {
            result = result.unsqueeze(axis);
        }
        return {result};
    };
}

Kernel makeShape(const Attributes& attributes) {
    const std::int64_t start = attributes.integer("start", 0);
    const bool hasEnd = attributes.has("end");
    const std::int64_t end = attributes.integer("end", 0);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t rank = inputs[0].dim();
        const auto clamp = [rank](std::int64_t axis) {
            return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
        };
        const std::int64_t first = clamp(start);
        const std::int64_t last = std::max(first, hasEnd ? clamp(end) : rank);
        const std::vector<std::int64_t> sizes = inputs[0].sizes().vec();
        return {integers({sizes.begin() + first, sizes.begin() + last})};
    };
}

Kernel makeSize(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::scalar_tensor(inputs[0].numel(), at::kLong)};
    };
}

Kernel makeConstant(const Attributes& attributes) {
    at::Tensor value;
    if (const std::optional<Array> array = attributes.array("value")) {
        value = borrowTensor(*array).clone();
    } else if (attributes.has("value_float")) {
        value = at::scalar_tensor(attributes.real("value_float", 0), at::kFloat);
    } else if (attributes.has("value_int")) {
        value = at::scalar_tensor(attributes.integer("value_int", 0), at::kLong);
    } else if (attributes.has("value_floats")) {
        value = at::tensor(attributes.reals("value_floats"), at::kFloat);
    } else if (attributes.has("value_ints")) {
        value = integers(attributes.integers("value_ints"));
    }
    require(value.defined(), "a constant without a dense numeric value is not supported");
    return [value](std::span<const at::Tensor>) -> Tensors { return {value}; };
}

Kernel makeConstantOfShape(const Attributes& attributes) {
    const std::optional<Array> array = attributes.array("value");
    const at::Tensor value =
        array ? borrowTensor(*array).clone().reshape({}) : at::zeros({}, at::kFloat);
    return [value](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> shape = integerValues(inputs[0]);
        checkSize(shape);
        return {at::full(shape, value.item(), value.options())};
    };
}

CastRules castRules(const Attributes& attributes) {
    return {attributes.integer("saturate", 1) != 0, attributes.text("round_mode", "up")};
}

Kernel makeCast(const Attributes& attributes) {
    const std::int64_t type = attributes.integer("to", 0);
    static_cast<void>(carrierOf(type));  // an unknown type is refused here, before anything runs
    const CastRules rules = castRules(attributes);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {castTo(inputs[0], type, rules)};
    };
}

Kernel makeCastLike(const Attributes& attributes) {
    const int narrow = attributes.narrowType(1);
    const CastRules rules = castRules(attributes);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {narrow != 0 ? castTo(inputs[0], narrow, rules)
                            : inputs[0].to(inputs[1].scalar_type())};
    };
}

/// Copies images, pixel by pixel where each one's channels lie side by side on both sides: the
/// general copy begins every run anew.
void copyPixels(const at::Tensor& from, const at::Tensor& to) {
    if (from.stride(1) != 1 || to.stride(1) != 1) {
        to.copy_(from);
        return;
    }
    const auto element = static_cast<std::int64_t>(from.element_size());
    const auto length = static_cast<std::size_t>(from.size(1) * element);
    const auto rowOf = [element](const at::Tensor& images, std::int64_t sample, std::int64_t y) {
        return static_cast<std::byte*>(images.data_ptr()) +
               (sample * images.stride(0) + y * images.stride(2)) * element;
    };
    for (std::int64_t sample = 0; sample < from.size(0); ++sample) {
        for (std::int64_t y = 0; y < from.size(2); ++y) {
            const std::byte* source = rowOf(from, sample, y);
            std::byte* target = rowOf(to, sample, y);
            for (std::int64_t x = 0; x < from.size(3); ++x) {
                std::memcpy(target, source, length);
                source += from.stride(3) * element;
                target += to.stride(3) * element;
            }
        }
    }
}

/// Images of which at least one has its channels last, joined in that order: a convolution that
/// follows need not turn them. Nothing for other tensors and while gradients are recorded.
std::optional<at::Tensor> joinChannelsLast(std::span<const at::Tensor> parts, std::int64_t axis) {
    if (at::GradMode::is_enabled() || std::none_of(parts.begin(), parts.end(), hasChannelsLast)) {
        return std::nullopt;
    }
    std::vector<std::int64_t> shape = parts[0].sizes().vec();
    std::int64_t& joined = shape[static_cast<std::size_t>(axis)];
    joined = 0;
    for (const at::Tensor& part : parts) {
        if (part.dim() != 4 || part.scalar_type() != parts[0].scalar_type()) {
            return std::nullopt;
        }
        joined += part.size(axis);
    }
    at::Tensor whole = at::empty(shape, parts[0].options(), at::MemoryFormat::ChannelsLast);
    std::int64_t first = 0;
    for (const at::Tensor& part : parts) {
        at::Tensor place = whole.narrow(axis, first, part.size(axis));
        if (place.sizes() != part.sizes()) {
            return std::nullopt;  // the general way says what is wrong
        }
        copyPixels(part, place);
        first += part.size(axis);
    }
    return whole;
}

Kernel makeConcat(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 1);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        require(!inputs.empty(), "an input is missing");
        const std::int64_t at = wrapAxis(axis, inputs[0].dim());
        if (const std::optional<at::Tensor> images = joinChannelsLast(inputs, at)) {
            return {*images};
        }
        return {at::cat(std::vector<at::Tensor>(inputs.begin(), inputs.end()), at)};
    };
}

Kernel makeSplit(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 0);
    const std::vector<std::int64_t> fixed = attributes.integers("split");
    const auto parts = static_cast<std::int64_t>(attributes.node().outputs.size());
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t at = wrapAxis(axis, inputs[0].dim());
        std::vector<std::int64_t> sizes = axesOf(inputs, fixed);
        if (sizes.empty()) {
            const std::int64_t each = (inputs[0].size(at) + parts - 1) / parts;
            for (std::int64_t i = 0; i < parts; ++i) {
                sizes.push_back(std::clamp<std::int64_t>(inputs[0].size(at) - i * each, 0, each));
            }
        }
        Tensors pieces = at::split_with_sizes(inputs[0], sizes, at);
        for (at::Tensor& piece : pieces) {
            piece = piece.contiguous();
        }
        return pieces;
    };
}

Kernel makeExpand(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> wanted = integerValues(inputs[1]);
        const std::vector<std::int64_t> shape = at::infer_size(inputs[0].sizes(), wanted);
        checkSize(shape);
        return {inputs[0].expand(shape)};
    };
}

Kernel makeTile(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        const std::vector<std::int64_t> repeats = integerValues(inputs[1]);
        std::vector<std::int64_t> whole = repeats;
        whole.push_back(inputs[0].numel());
        checkSize(whole);
        return {inputs[0].repeat(repeats)};
    };
}

Kernel makeRange(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 3, "Range needs a start, a limit and a step");
        const double step = inputs[2].item<double>();
        const double count = (inputs[1].item<double>() - inputs[0].item<double>()) / step;
        require(step != 0, "the step of a Range must not be 0");
        if (!(count > 0)) {
            return {at::empty({0}, inputs[0].options())};
        }
        checkSize({static_cast<std::int64_t>(std::min(count, 1e15))});
        return {
            at::arange(inputs[0].item(), inputs[1].item(), inputs[2].item(), inputs[0].options())};
    };
}

Kernel makeEyeLike(const Attributes& attributes) {
    const std::int64_t diagonal = attributes.integer("k", 0);
    const std::int64_t type = attributes.integer("dtype", 0);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs[0].dim() == 2, "EyeLike needs a matrix");
        const at::ScalarType target = type == 0 ? inputs[0].scalar_type() : carrierOf(type);
        at::Tensor result = at::zeros(inputs[0].sizes(), target);
        const std::int64_t length =
            std::min(inputs[0].size(0) + std::min<std::int64_t>(0, diagonal),
                     inputs[0].size(1) - std::max<std::int64_t>(0, diagonal));
        if (length > 0) {
            result.diagonal(diagonal).fill_(1);
        }
        return {result};
    };
}

}  // namespace

void addShapeOperators(OperatorTable& table) {
    table["Reshape"] = makeReshape;
    table["Flatten"] = makeFlatten;
    table["Transpose"] = makeTranspose;
    table["Squeeze"] = makeSqueeze;
    table["Unsqueeze"] = makeUnsqueeze;
    table["Shape"] = makeShape;
    table["Size"] = makeSize;
    table["Constant"] = makeConstant;
    table["ConstantOfShape"] = makeConstantOfShape;
    table["Cast"] = makeCast;
    table["CastLike"] = makeCastLike;
    table["Concat"] = makeConcat;
    table["Split"] = makeSplit;
    table["Expand"] = makeExpand;
    table["Tile"] = makeTile;
    table["Range"] = makeRange;
    table["EyeLike"] = makeEyeLike;
}

}  // namespace bitloupe::execution
