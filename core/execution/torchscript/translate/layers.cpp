// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

using Integers = std::vector<std::int64_t>;

struct Convolution {
    std::size_t stride = 3;
    std::size_t padding = 4;
    std::size_t dilation = 5;
    std::size_t groups = 6;
    std::size_t outputPadding = 0;  ///< argument number; 0 for none
    bool transposed = false;
};

/// Pads of a convolution, befores and then afters; "same" needs as much as the kernel reaches, of
/// which the end gets the odd one.
Integers padsOf(Call& call, std::size_t argument, const Integers& dilations) {
    const std::size_t places = dilations.size();
    if (call.value(argument)->isSequence || !call.value(argument)->sample().isString()) {
        Integers pads = call.integersFor(argument, places);
        pads.insert(pads.end(), pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(places));
        return pads;
    }
    Integers pads(2 * places, 0);
    if (call.value(argument)->sample().toStringRef() == "same") {
        for (std::size_t i = 0; i < places; ++i) {
            const std::int64_t total =
                dilations[i] * (call.tensor(1).size(static_cast<std::int64_t>(i) + 2) - 1);
            pads[i] = total / 2;
            pads[places + i] = total - total / 2;
        }
    }
    return pads;
}

void convolve(Call& call, const Convolution& kind) {
    const at::Tensor weight = call.tensor(1);
    const auto places = static_cast<std::size_t>(weight.dim()) - 2;
    if (call.rank(0) != weight.dim()) {
        throw TranslationError("a convolution of a sample without its batch has no translation");
    }
    const Integers dilations = call.integersFor(kind.dilation, places);
    Attributes attributes = {{"kernel_shape", weight.sizes().slice(2).vec()},
                             {"strides", call.integersFor(kind.stride, places)},
                             {"pads", padsOf(call, kind.padding, dilations)},
                             {"dilations", dilations},
                             {"group", call.integer(kind.groups)}};
    if (kind.transposed) {
        attributes["output_padding"] = call.integersFor(kind.outputPadding, places);
    }
    std::vector<std::string> inputs = {call.edge(0), call.edge(1)};
    if (!call.isNone(2)) {
        inputs.push_back(call.edge(2));
    }
    call.give(call.emit(kind.transposed ? "ConvTranspose" : "Conv", inputs, attributes));
}

/// _convolution(x, weight, bias, stride, padding, dilation, transposed, output padding, groups
/// ...).
void anyConvolution(Call& call) {
    convolve(call, {.groups = 8, .outputPadding = 7, .transposed = call.flag(6)});
}

/// x W^T + b: Gemm for a matrix, else a product along the last axis.
void linear(Call& call) {
    if (call.rank(0) == 2) {
        std::vector<std::string> inputs = {call.edge(0), call.edge(1)};
        if (!call.isNone(2)) {
            inputs.push_back(call.edge(2));
        }
        call.give(call.emit("Gemm", inputs, {{"transB", std::int64_t{1}}}));
        return;
    }
    const std::string turned = call.emit("Transpose", {call.edge(1)}, {{"perm", Integers{1, 0}}});
    const std::string product = call.emit("MatMul", {call.edge(0), turned});
    call.give(call.isNone(2) ? product : call.emit("Add", {product, call.edge(2)}));
}

/// beta c + alpha a b.
void addProduct(Call& call) {
    const bool plain = call.real(3) == 1 && call.real(4) == 1;
    const std::string a = call.edge(1);
    const std::string b = call.edge(2);
    if (call.rank(1) == 2 && call.rank(2) == 2) {
        call.give(call.emit("Gemm", {a, b, call.edge(0)},
                            {{"beta", static_cast<float>(call.real(3))},
                             {"alpha", static_cast<float>(call.real(4))}}));
        return;
    }
    std::string product = call.emit("MatMul", {a, b});
    std::string offset = call.edge(0);
    if (!plain) {
        product = call.emit("Mul", {product, call.number(call.real(4))});
        offset = call.emit("Mul", {offset, call.number(call.real(3))});
    }
    call.give(call.emit("Add", {product, offset}));
}

void multiply(Call& call) {
    call.give(call.emit("MatMul", {call.edge(0), call.edge(1)}));
}

void einsum(Call& call) {
    std::vector<std::string> operands;
    for (const ValueRef& operand : call.value(1)->items) {
        operands.push_back(call.translation().edgeOf(operand));
    }
    call.give(call.emit("Einsum", operands, {{"equation", call.value(0)->sample().toStringRef()}}));
}

/// The weight, or ones where the module has none.
std::string orConstant(Call& call, std::size_t i, std::int64_t channels, double constant) {
    return call.isNone(i)
               ? call.translation().store("constant", at::full({channels}, constant, at::kFloat))
               : call.edge(i);
}

/// batch_norm(x, weight, bias, mean, variance, training, momentum, epsilon, cudnn).
void batchNormalization(Call& call) {
    if (call.flag(5) || call.isNone(3) || call.isNone(4)) {
        throw TranslationError(
            "a batch normalization by the batch's own statistics has no translation; call eval() "
            "before you save the network");
    }
    const std::int64_t channels = call.tensor(3).numel();
    call.give(call.emit("BatchNormalization",
                        {call.edge(0), orConstant(call, 1, channels, 1),
                         orConstant(call, 2, channels, 0), call.edge(3), call.edge(4)},
                        {{"epsilon", static_cast<float>(call.real(7))}}));
}

/// layer_norm(x, shape, weight, bias, epsilon, cudnn).
void layerNormalization(Call& call) {
    const Integers shape = call.integerList(1);
    const std::string weight =
        call.isNone(2) ? call.translation().store("constant", at::ones(shape, at::kFloat))
                       : call.edge(2);
    std::vector<std::string> inputs = {call.edge(0), weight};
    if (!call.isNone(3)) {
        inputs.push_back(call.edge(3));
    }
    call.give(call.emit("LayerNormalization", inputs,
                        {{"axis", -static_cast<std::int64_t>(shape.size())},
                         {"epsilon", static_cast<float>(call.real(4))}}));
}

/// group_norm(x, groups, weight, bias, epsilon, cudnn): the groups are normalized as instances, and
/// then every channel is scaled.
void groupNormalization(Call& call) {
    const at::Tensor x = call.tensor(0);
    const std::int64_t groups = call.integer(1);
    const std::string grouped =
        call.emit("Reshape", {call.edge(0), call.integers({0, groups, -1})});
    const auto all = [&](double number) {
        return call.translation().store("constant", at::full({groups}, number, at::kFloat));
    };
    const std::string normal = call.emit("InstanceNormalization", {grouped, all(1), all(0)},
                                         {{"epsilon", static_cast<float>(call.real(4))}});
    std::string edge = call.emit("Reshape", {normal, call.emit("Shape", {call.edge(0)})});
    Integers channelShape(static_cast<std::size_t>(x.dim()) - 1, 1);
    channelShape.front() = x.size(1);
    const auto perChannel = [&](std::size_t i) {
        return call.emit("Reshape", {call.edge(i), call.integers(channelShape)});
    };
    if (!call.isNone(2)) {
        edge = call.emit("Mul", {edge, perChannel(2)});
    }
    call.give(call.isNone(3) ? edge : call.emit("Add", {edge, perChannel(3)}));
}

/// instance_norm(x, weight, bias, mean, variance, use input statistics, momentum, epsilon, cudnn).
void instanceNormalization(Call& call) {
    if (!call.flag(5)) {
        throw TranslationError("instance normalization by stored statistics has no translation");
    }
    const std::int64_t channels = call.tensor(0).size(1);
    call.give(call.emit(
        "InstanceNormalization",
        {call.edge(0), orConstant(call, 1, channels, 1), orConstant(call, 2, channels, 0)},
        {{"epsilon", static_cast<float>(call.real(7))}}));
}

}  // namespace

void addLayers(Translators& table) {
    for (const char* dimensions : {"1d", "2d", "3d"}) {
        table[std::string("aten::conv") + dimensions] = [](Call& call) { convolve(call, {}); };
        // conv_transpose(x, weight, bias, stride, padding, output padding, groups, dilation)
        table[std::string("aten::conv_transpose") + dimensions] = [](Call& call) {
            convolve(call, {.dilation = 7, .groups = 6, .outputPadding = 5, .transposed = true});
        };
    }
    table["aten::_convolution"] = anyConvolution;
    table["aten::convolution"] = anyConvolution;
    table["aten::linear"] = linear;
    table["aten::addmm"] = addProduct;
    table["aten::baddbmm"] = addProduct;
    table["aten::matmul"] = multiply;
    table["aten::mm"] = multiply;
    table["aten::bmm"] = multiply;
    table["aten::mv"] = multiply;
    table["aten::einsum"] = einsum;
    table["aten::batch_norm"] = batchNormalization;
    table["aten::layer_norm"] = layerNormalization;
    table["aten::group_norm"] = groupNormalization;
    table["aten::instance_norm"] = instanceNormalization;
}

}  // namespace bitloupe::execution::torchscript
