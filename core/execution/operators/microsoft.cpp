// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/execution/operator_table.h"

/// Operators that ONNX Runtime's optimizer puts into files, under the domain com.microsoft.
namespace bitloupe::execution {

namespace {

at::Tensor normalized(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& bias,
                      double epsilon) {
    return at::layer_norm(x, {x.size(-1)}, scale, bias, epsilon);
}

/// Inputs: tokens, segments, the tables of words, places and segments, scale, bias, mask, places.
Kernel makeEmbedLayerNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-12F);
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() >= 7, "the operator needs seven inputs");
        const at::Tensor tokens = inputs[0].to(at::kLong);
        const at::Tensor given = optionalInput(inputs, 8);
        const at::Tensor places =
            given.defined() ? given.to(at::kLong) : at::arange(tokens.size(1), at::kLong);
        at::Tensor sum = at::embedding(inputs[2], tokens) + at::embedding(inputs[3], places);
        if (inputs[1].defined() && inputs[4].defined()) {
            sum = sum + at::embedding(inputs[4], inputs[1].to(at::kLong));
        }
        const at::Tensor mask = optionalInput(inputs, 7);
        const at::Tensor lengths =
            mask.defined() ? mask.sum(1).to(at::kInt) : at::zeros({tokens.size(0)}, at::kInt);
        return {normalized(sum, inputs[5], inputs[6], epsilon), lengths, sum};
    };
}

/// Inputs: x, what skips, scale, bias of the normalization, bias of x. Fourth output: the sum.
Kernel makeSkipLayerNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-12F);
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor sum = inputs[0] + inputs[1];
        if (const at::Tensor bias = optionalInput(inputs, 4); bias.defined()) {
            sum = sum + bias;
        }
        return {normalized(sum, inputs[2], optionalInput(inputs, 3), epsilon), {}, {}, sum};
    };
}

at::Tensor rootMeanSquare(const at::Tensor& x, const at::Tensor& scale, double epsilon) {
    return x * at::rsqrt(at::mean(x * x, {-1}, true) + epsilon) * scale;
}

Kernel makeSimplifiedLayerNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-5F);
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        return {rootMeanSquare(inputs[0], inputs[1], epsilon)};
    };
}

Kernel makeSkipSimplifiedLayerNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-12F);
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        at::Tensor sum = inputs[0] + inputs[1];
        if (const at::Tensor bias = optionalInput(inputs, 3); bias.defined()) {
            sum = sum + bias;
        }
        return {rootMeanSquare(sum, inputs[2], epsilon), {}, {}, sum};
    };
}

/// x plus an optional bias through a curve.
KernelMaker biasedCurve(at::Tensor (*curve)(const at::Tensor&)) {
    return [curve](const Attributes&) -> Kernel {
        return [curve](std::span<const at::Tensor> inputs) -> Tensors {
            const at::Tensor bias = optionalInput(inputs, 1);
            return {curve(bias.defined() ? inputs[0] + bias : inputs[0])};
        };
    };
}

Kernel makeQuickGelu(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 1.702F);
    return [alpha](std::span<const at::Tensor> inputs) -> Tensors {
        return {inputs[0] * at::sigmoid(inputs[0] * alpha)};
    };
}

Kernel makeFusedMatMul(const Attributes& attributes) {
    const double alpha = attributes.real("alpha", 1);
    const bool transA = attributes.integer("transA", 0) != 0;
    const bool transB = attributes.integer("transB", 0) != 0;
    require(attributes.integer("transBatchA", 0) == 0 && attributes.integer("transBatchB", 0) == 0,
            "transposed batches are not supported");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor product = at::matmul(transA ? inputs[0].transpose(-1, -2) : inputs[0],
                                              transB ? inputs[1].transpose(-1, -2) : inputs[1]);
        return {alpha == 1 ? product : product * alpha};
    };
}

/// The plain operator followed by the activation named in its attributes.
KernelMaker fused(const char* name) {
    return [name](const Attributes& attributes) -> Kernel {
        const Kernel inner = operatorTable().at(name)(attributes);
        const std::string activation = attributes.text("activation", "");
        if (activation.empty()) {
            return inner;
        }
        const auto found = operatorTable().find(activation);
        require(found != operatorTable().end() && !attributes.has("activation_params"),
                "the activation \"" + activation + "\" is not supported here");
        network::Node node;
        node.operatorType = activation;
        const Kernel curve = found->second(Attributes(node, attributes.opset()));
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            const at::Tensor added = optionalInput(inputs, 3);
            at::Tensor made = inner(inputs.first(std::min<std::size_t>(inputs.size(), 3)))[0];
            made = added.defined() ? made + added : made;
            return curve(std::span<const at::Tensor>(&made, 1));
        };
    };
}

struct FusedAttention {
    std::int64_t heads = 1;
    bool causal = false;
    double masked = -10000;
    double scale = 0;
};

/// 0 where a key may be seen and `masked` elsewhere, from a mask of keys or of ends of sequences.
at::Tensor keyBias(const FusedAttention& rules, const at::Tensor& mask, const at::Tensor& like,
                   std::int64_t keys) {
    at::Tensor seen;
    if (mask.dim() == 1) {
        seen = (at::arange(keys, at::kLong) < mask.to(at::kLong).reshape({-1, 1, 1, 1}))
                   .to(like.scalar_type());
    } else {
        require(mask.dim() <= 4, "a mask of this shape is not supported");
        seen = mask.to(like.scalar_type());
        seen = mask.dim() == 2   ? seen.unsqueeze(1).unsqueeze(1)
               : mask.dim() == 3 ? seen.unsqueeze(1)
                                 : seen;
    }
    return (1 - seen) * rules.masked;
}

/// Inputs: x, weights of queries, keys and values side by side, their bias, mask, past [2, batch,
/// heads, length, size], bias of the products. Outputs: result, past with what is new.
Tensors attendFused(const FusedAttention& rules, std::span<const at::Tensor> inputs) {
    const at::Tensor& x = inputs[0];
    at::Tensor projected = at::matmul(x, inputs[1]);
    if (const at::Tensor bias = optionalInput(inputs, 2); bias.defined()) {
        projected = projected + bias;
    }
    const std::int64_t width = projected.size(2) / 3;
    require(projected.size(2) % 3 == 0 && width % rules.heads == 0,
            "the weights do not divide into queries, keys and values of the heads");
    const auto part = [&](std::int64_t i) {
        return projected.narrow(2, i * width, width)
            .reshape({x.size(0), x.size(1), rules.heads, width / rules.heads})
            .transpose(1, 2);
    };
    at::Tensor key = part(1);
    at::Tensor value = part(2);
    std::int64_t before = 0;
    if (const at::Tensor past = optionalInput(inputs, 4); past.defined()) {
        before = past.size(3);
        key = at::cat({past[0], key}, 2);
        value = at::cat({past[1], value}, 2);
    }
    const double scale =
        rules.scale != 0 ? rules.scale : 1 / std::sqrt(static_cast<double>(width / rules.heads));
    at::Tensor products = at::matmul(part(0), key.transpose(2, 3)) * scale;
    if (rules.causal) {
        const at::Tensor rows = at::arange(x.size(1), at::kLong).unsqueeze(1) + before;
        const at::Tensor later = at::arange(key.size(2), at::kLong) > rows;
        products = at::where(later, at::full({}, rules.masked, products.options()), products);
    }
    if (const at::Tensor mask = optionalInput(inputs, 3); mask.defined()) {
        products = products + keyBias(rules, mask, products, key.size(2));
    }
    if (const at::Tensor bias = optionalInput(inputs, 5); bias.defined()) {
        products = products + bias;
    }
    const at::Tensor result = at::matmul(at::softmax(products, -1), value);
    return {result.transpose(1, 2).flatten(2), at::stack({key, value}, 0)};
}

Kernel makeFusedAttention(const Attributes& attributes) {
    FusedAttention rules;
    rules.heads = attributes.integer("num_heads", 0);
    require(rules.heads > 0, "the attribute \"num_heads\" must be positive");
    require(attributes.integers("qkv_hidden_sizes").empty() &&
                attributes.integer("past_present_share_buffer", 0) == 0 &&
                attributes.integer("do_rotary", 0) == 0,
            "queries, keys and values of different sizes, shared buffers and rotary positions are "
            "not supported here");
    rules.causal = attributes.integer("unidirectional", 0) != 0;
    rules.masked = attributes.real("mask_filter_value", -10000);
    rules.scale = attributes.real("scale", 0);
    return [rules](std::span<const at::Tensor> inputs) { return attendFused(rules, inputs); };
}

}  // namespace

void addMicrosoftOperators(OperatorTable& table) {
    const std::string domain = "com.microsoft/";
    table[domain + "Attention"] = makeFusedAttention;
    table[domain + "EmbedLayerNormalization"] = makeEmbedLayerNormalization;
    table[domain + "SkipLayerNormalization"] = makeSkipLayerNormalization;
    table[domain + "SkipSimplifiedLayerNormalization"] = makeSkipSimplifiedLayerNormalization;
    table[domain + "FastGelu"] =
        biasedCurve([](const at::Tensor& x) { return at::gelu(x, "tanh"); });
    table[domain + "Gelu"] = biasedCurve([](const at::Tensor& x) { return at::gelu(x, "none"); });
    table[domain + "BiasGelu"] = table[domain + "Gelu"];
    table[domain + "QuickGelu"] = makeQuickGelu;
    table[domain + "FusedMatMul"] = makeFusedMatMul;
    table[domain + "FusedConv"] = fused("Conv");
    table[domain + "FusedGemm"] = fused("Gemm");
    table["SimplifiedLayerNormalization"] = makeSimplifiedLayerNormalization;
}

}  // namespace bitloupe::execution
