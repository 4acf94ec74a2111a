// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "core/execution/memory_order.h"
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

using Unary = at::Tensor (*)(const at::Tensor&);

KernelMaker unary(Unary function) {
    return [function](const Attributes&) -> Kernel {
        return [function](std::span<const at::Tensor> inputs) -> Tensors {
            return {function(inputs[0])};
        };
    };
}

at::Tensor relu(const at::Tensor& x) {
    if (!mayOverwrite(x)) {
        return at::relu(x);
    }
    at::Tensor result = x;
    return at::relu_(result);
}

at::Tensor leakyRelu(const at::Tensor& x, double alpha) {
    if (!mayOverwrite(x)) {
        return at::leaky_relu(x, alpha);
    }
    at::Tensor result = x;
    return at::leaky_relu_(result, alpha);
}

at::Tensor clamp(const at::Tensor& x, double low, double high) {
    if (!mayOverwrite(x) || x.scalar_type() != at::kFloat) {
        return at::clamp(x, low, high);
    }
    at::Tensor result = x;
    return at::clamp_(result, low, high);
}

/// An activation with one number: its ONNX attribute and its default.
KernelMaker withNumber(const char* attribute, double otherwise,
                       at::Tensor (*function)(const at::Tensor&, double)) {
    return [=](const Attributes& attributes) -> Kernel {
        const double value = attributes.real(attribute, otherwise);
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            return {function(inputs[0], value)};
        };
    };
}

Kernel makeSelu(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 1.67326319217681884765625);
    const double gamma = attributes.real("gamma", 1.05070102214813232421875);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::elu(inputs[0], alpha, gamma)};
    };
}

Kernel makeHardSigmoid(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 0.2F);
    const double beta = attributes.real("beta", 0.5);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::clamp(inputs[0] * alpha + beta, 0, 1)};
    };
}

Kernel makeGelu(const Attributes& attributes) {
    const std::string approximate = attributes.text("approximate", "none");
    return [approximate](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::gelu(inputs[0], approximate)};
    };
}

/// Before opset 7 a list of slopes is one for each channel; then slopes broadcast as usual.
Kernel makePRelu(const Attributes& attributes) {
    const bool byChannel = attributes.opset() < 7;
    return [byChannel](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        at::Tensor slope = inputs[1];
        if (byChannel && slope.dim() == 1 && slope.numel() > 1 && x.dim() > 1) {
            std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
            shape[1] = slope.numel();
            slope = slope.reshape(shape);
        }
        return {at::where(x < 0, x * slope, x)};
    };
}

/// Before opset 13 Softmax and its kin flatten everything from `axis` on into one row.
KernelMaker softmaxLike(at::Tensor (*function)(const at::Tensor&, std::int64_t)) {
    return [function](const Attributes& attributes) -> Kernel {
        const bool flattens = attributes.opset() < 13;
        const std::int64_t axis = attributes.integer("axis", flattens ? 1 : -1);
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            const at::Tensor& x = inputs[0];
            const std::int64_t at = wrapAxis(axis, x.dim());
            if (!flattens) {
                return {function(x, at)};
            }
            std::int64_t rows = 1;
            for (std::int64_t i = 0; i < at; ++i) {
                rows *= x.size(i);
            }
            return {function(x.reshape({rows, rows == 0 ? 0 : x.numel() / rows}), 1)
                        .reshape(x.sizes())};
        };
    };
}

/// Rows of very few values are quicker side by side than one after another.
at::Tensor softmax(const at::Tensor& x, std::int64_t axis) {
    constexpr std::int64_t kVeryFew = 4;
    if (axis + 1 != x.dim() || x.size(axis) > kVeryFew || x.dim() < 2) {
        return at::softmax(x, axis);
    }
    return at::softmax(x.movedim(axis, 0).contiguous(), 0).movedim(0, axis);
}

at::Tensor hardmax(const at::Tensor& x, std::int64_t axis) {
    const at::Tensor largest = at::argmax(x, axis, /*keepdim=*/true);
    return at::zeros_like(x).scatter(axis, largest, 1);
}

/// Two bounds that the file stores as floats.
std::optional<std::pair<double, double>> storedBounds(const Attributes& attributes) {
    const Array* low = attributes.storedInput(1);
    const Array* high = attributes.storedInput(2);
    if (low == nullptr || high == nullptr || low->type() != ElementType::Float32 ||
        high->type() != ElementType::Float32 || low->size() != 1 || high->size() != 1) {
        return std::nullopt;
    }
    return std::pair(static_cast<double>(low->as<float>()[0]),
                     static_cast<double>(high->as<float>()[0]));
}

Kernel makeClip(const Attributes& attributes) {
    const bool byAttribute = attributes.opset() < 11;
    const auto stored = storedBounds(attributes);
    const double low = attributes.real("min", -std::numeric_limits<double>::infinity());
    const double high = attributes.real("max", std::numeric_limits<double>::infinity());
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        if (byAttribute) {
            return {clamp(inputs[0], low, high)};
        }
        if (stored) {  // both at once: one pass over the data
            return {clamp(inputs[0], stored->first, stored->second)};
        }
        at::Tensor result = inputs[0];
        if (const at::Tensor bound = optionalInput(inputs, 1); bound.defined()) {
            result = at::maximum(result, bound);
        }
        if (const at::Tensor bound = optionalInput(inputs, 2); bound.defined()) {
            result = at::minimum(result, bound);
        }
        return {result};
    };
}

Kernel makeShrink(const Attributes& attributes) {
    const double bias = attributes.real("bias", 0);
    const double lambda = attributes.real("lambd", 0.5);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const at::Tensor result =
            at::where(x < -lambda, x + bias, at::where(x > lambda, x - bias, at::zeros_like(x)));
        return {result.to(x.scalar_type())};
    };
}

/// A gate and what passes through it (opset 28).
Kernel makeSwiGlu(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 1);
    return [alpha](std::span<const at::Tensor> inputs) -> Tensors {
        return {inputs[0] * at::sigmoid(inputs[0] * alpha) * inputs[1]};
    };
}

void addCurves(OperatorTable& table) {
    table["LeakyRelu"] = withNumber("alpha", 0.01F, leakyRelu);
    table["Elu"] =
        withNumber("alpha", 1, [](const at::Tensor& x, double alpha) { return at::elu(x, alpha); });
    table["Celu"] = withNumber(
        "alpha", 1, [](const at::Tensor& x, double alpha) { return at::celu(x, alpha); });
    table["ThresholdedRelu"] = withNumber(
        "alpha", 1, [](const at::Tensor& x, double alpha) { return at::threshold(x, alpha, 0); });
    table["Swish"] = withNumber(
        "alpha", 1, [](const at::Tensor& x, double alpha) { return x * at::sigmoid(x * alpha); });
    table["SwiGLU"] = makeSwiGlu;
    table["Selu"] = makeSelu;
    table["HardSigmoid"] = makeHardSigmoid;
    table["Gelu"] = makeGelu;
    table["PRelu"] = makePRelu;
    table["Shrink"] = makeShrink;
    table["Softplus"] = unary([](const at::Tensor& x) { return at::softplus(x); });
    table["Softsign"] = unary([](const at::Tensor& x) { return x / (1 + at::abs(x)); });
    table["HardSwish"] = unary([](const at::Tensor& x) { return at::hardswish(x); });
    table["Mish"] = unary([](const at::Tensor& x) { return at::mish(x); });
}

}  // namespace

void addActivationOperators(OperatorTable& table) {
    table["Relu"] = unary(relu);
    table["Sigmoid"] = unary([](const at::Tensor& x) { return at::sigmoid(x); });
    table["Tanh"] = unary([](const at::Tensor& x) { return at::tanh(x); });
    addCurves(table);
    table["Softmax"] = softmaxLike(softmax);
    table["LogSoftmax"] = softmaxLike(
        [](const at::Tensor& x, std::int64_t axis) { return at::log_softmax(x, axis); });
    table["Hardmax"] = softmaxLike(hardmax);
    table["Clip"] = makeClip;
}

}  // namespace bitloupe::execution
