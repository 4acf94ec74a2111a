// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

Kernel makeBatchNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-5F);
    require(attributes.integer("training_mode", 0) == 0,
            "batch normalization in training mode is not supported: export the network for "
            "inference");
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() >= 5, "batch normalization needs five inputs");
        return {at::batch_norm(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4],
                               /*training=*/false, 0, epsilon, /*cudnn_enabled=*/false)};
    };
}

Kernel makeInstanceNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-5F);
    return [epsilon](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::instance_norm(inputs[0], inputs[1], inputs[2], {}, {},
                                  /*use_input_stats=*/true, 0, epsilon, false)};
    };
}

Kernel makeLayerNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-5F);
    const std::int64_t axis = attributes.integer("axis", -1);
    const bool wantsStatistics = attributes.node().outputs.size() > 1;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const std::int64_t first = wrapAxis(axis, x.dim());
        const at::IntArrayRef shape = x.sizes().slice(static_cast<std::size_t>(first));
        const at::Tensor scale = inputs[1].expand(shape).contiguous();
        const at::Tensor bias = optionalInput(inputs, 2);
        auto [y, mean, inverse] = at::native_layer_norm(
            x, shape, scale, bias.defined() ? bias.expand(shape).contiguous() : bias, epsilon);
        return wantsStatistics ? Tensors{y, mean, inverse} : Tensors{y};
    };
}

Kernel makeLrn(const Attributes& attributes) {
    const std::int64_t size = attributes.integer("size", 0);
    require(size > 0, "the attribute \"size\" must be positive");
    const double alpha = attributes.real("alpha", 1e-4F);
    const double beta = attributes.real("beta", 0.75);
    const double bias = attributes.real("bias", 1);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const std::int64_t before = (size - 1) / 2;
        const at::Tensor planes = (x * x).reshape({x.size(0), 1, x.size(1), -1});
        const at::Tensor padded = at::constant_pad_nd(planes, {0, 0, before, size - 1 - before}, 0);
        const at::Tensor sums =
            at::avg_pool2d(padded, {size, 1}, {1, 1}, {0, 0}, false, true, 1).reshape(x.sizes());
        return {x / at::pow(sums * (alpha / static_cast<double>(size)) + bias, beta)};
    };
}

Kernel makeLpNormalization(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", -1);
    const double power = static_cast<double>(attributes.integer("p", 2));
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        return {inputs[0] / at::norm(inputs[0], power, {axis}, /*keepdim=*/true)};
    };
}

Kernel makeMeanVarianceNormalization(const Attributes& attributes) {
    const std::vector<std::int64_t> axes = attributes.integers("axes", {0, 2, 3});
    return [axes](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor centred = inputs[0] - at::mean(inputs[0], axes, true);
        return {centred / (at::sqrt(at::mean(centred * centred, axes, true)) + 1e-9)};
    };
}

Kernel makeGroupNormalization(const Attributes& attributes) {
    const std::int64_t groups = attributes.integer("num_groups", 1);
    const double epsilon = attributes.real("epsilon", 1e-5F);
    const bool scalePerGroup = attributes.opset() < 21;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const std::int64_t channels = inputs[0].size(1);
        require(groups > 0 && channels % groups == 0, "num_groups must divide the channels");
        const auto perChannel = [&](const at::Tensor& value) {
            return scalePerGroup && value.numel() == groups
                       ? at::repeat_interleave(value, channels / groups)
                       : value;
        };
        return {at::group_norm(inputs[0], groups, perChannel(inputs[1]), perChannel(inputs[2]),
                               epsilon, false)};
    };
}

/// Over the axes from `axis` on (opset 23).
Kernel makeRmsNormalization(const Attributes& attributes) {
    const double epsilon = attributes.real("epsilon", 1e-5F);
    const std::int64_t axis = attributes.integer("axis", -1);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        std::vector<std::int64_t> axes;
        for (std::int64_t i = wrapAxis(axis, x.dim()); i < x.dim(); ++i) {
            axes.push_back(i);
        }
        return {x * at::rsqrt(at::mean(x * x, axes, true) + epsilon) * inputs[1]};
    };
}

Kernel makeIdentityOfFirst(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors { return {inputs[0]}; };
}

bool isStoredFalse(const Array* array) {
    return array != nullptr && array->type() == ElementType::Bool && array->size() == 1 &&
           array->bytes()[0] == std::byte{0};
}

Kernel makeDropout(const Attributes& attributes) {
    const std::vector<std::string>& names = attributes.node().inputs;
    require(names.size() < 3 || names[2].empty() || isStoredFalse(attributes.storedInput(2)),
            "Dropout in training mode is not supported: export the network for inference");
    const bool wantsMask = attributes.node().outputs.size() > 1;
    return [wantsMask](std::span<const at::Tensor> inputs) -> Tensors {
        if (!wantsMask) {
            return {inputs[0]};
        }
        return {inputs[0], at::ones_like(inputs[0], at::kBool)};
    };
}

}  // namespace

void addNormalizationOperators(OperatorTable& table) {
    table["BatchNormalization"] = makeBatchNormalization;
    table["InstanceNormalization"] = makeInstanceNormalization;
    table["LayerNormalization"] = makeLayerNormalization;
    table["GroupNormalization"] = makeGroupNormalization;
    table["RMSNormalization"] = makeRmsNormalization;
    table["LRN"] = makeLrn;
    table["LpNormalization"] = makeLpNormalization;
    table["MeanVarianceNormalization"] = makeMeanVarianceNormalization;
    table["Dropout"] = makeDropout;
    table["Identity"] = makeIdentityOfFirst;
}

}  // namespace bitloupe::execution
