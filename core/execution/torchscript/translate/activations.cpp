// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

Translator unary(const char* operatorType) {
    return [operatorType](Call& call) { call.give(call.emit(operatorType, {call.edge(0)})); };
}

float asFloat(double value) {
    return static_cast<float>(value);
}

void clip(Call& call, std::optional<double> least, std::optional<double> most) {
    const at::ScalarType type = call.resultType();
    const std::string x = call.edgeAs(0, type);
    call.give(call.emit(
        "Clip", {x, least ? call.number(*least, type) : "", most ? call.number(*most, type) : ""}));
}

std::optional<double> boundAt(Call& call, std::size_t i) {
    return call.isNone(i) ? std::nullopt : std::optional<double>(call.real(i));
}

/// Bounds may be tensors, which Clip does not take.
void clamp(Call& call) {
    const bool tensors = (!call.isNone(1) && call.value(1)->isTensor()) ||
                         (!call.isNone(2) && call.value(2)->isTensor());
    if (!tensors) {
        clip(call, boundAt(call, 1), boundAt(call, 2));
        return;
    }
    const at::ScalarType type = call.resultType();
    std::string edge = call.edgeAs(0, type);
    edge = call.isNone(1) ? edge : call.emit("Max", {edge, call.edgeAs(1, type)});
    call.give(call.isNone(2) ? edge : call.emit("Min", {edge, call.edgeAs(2, type)}));
}

void clampMin(Call& call) {
    clip(call, call.real(1), std::nullopt);
}
void clampMax(Call& call) {
    clip(call, std::nullopt, call.real(1));
}
void relu6(Call& call) {
    clip(call, 0, 6);
}
void hardtanh(Call& call) {
    clip(call, call.real(1), call.real(2));
}

void leakyRelu(Call& call) {
    call.give(call.emit("LeakyRelu", {call.edge(0)}, {{"alpha", asFloat(call.real(1))}}));
}

/// elu(x, alpha, scale, input scale): scale (x > 0 ? x : alpha (exp(input scale x) - 1)).
void elu(Call& call) {
    if (call.real(3) != 1) {
        throw TranslationError("elu with a scale of its input has no translation");
    }
    const std::string edge = call.emit("Elu", {call.edge(0)}, {{"alpha", asFloat(call.real(1))}});
    call.give(call.real(2) == 1 ? edge : call.emit("Mul", {edge, call.number(call.real(2))}));
}

void selu(Call& call) {
    call.give(call.emit("Selu", {call.edge(0)},
                        {{"alpha", 1.6732632423543772F}, {"gamma", 1.0507009873554805F}}));
}

void celu(Call& call) {
    call.give(call.emit("Celu", {call.edge(0)}, {{"alpha", asFloat(call.real(1))}}));
}

void gelu(Call& call) {
    const bool byTanh = !call.isNone(1) && call.value(1)->sample().toStringRef() == "tanh";
    call.give(call.emit("Gelu", {call.edge(0)},
                        {{"approximate", std::string(byTanh ? "tanh" : "none")}}));
}

void silu(Call& call) {
    const std::string x = call.edge(0);
    call.give(call.emit("Mul", {x, call.emit("Sigmoid", {x})}));
}

void hardsigmoid(Call& call) {
    call.give(
        call.emit("HardSigmoid", {call.edge(0)}, {{"alpha", asFloat(1.0 / 6)}, {"beta", 0.5F}}));
}

/// softplus(x, beta, threshold); beyond the threshold both are the same in float32.
void softplus(Call& call) {
    const double beta = call.real(1);
    if (beta == 1) {
        call.give(call.emit("Softplus", {call.edge(0)}));
        return;
    }
    const std::string factor = call.number(beta);
    call.give(call.emit(
        "Div", {call.emit("Softplus", {call.emit("Mul", {call.edge(0), factor})}), factor}));
}

Translator alongAxis(const char* operatorType) {
    return [operatorType](Call& call) {
        const at::ScalarType type = call.resultType();
        call.give(call.emit(operatorType, {call.edgeAs(0, type)}, {{"axis", call.axis(1)}}));
    };
}

/// One slope a channel, and channels are axis 1.
void prelu(Call& call) {
    const std::int64_t slopes = call.tensor(1).numel();
    std::string slope = call.edge(1);
    if (slopes > 1 && call.rank(0) > 2) {
        std::vector<std::int64_t> shape(static_cast<std::size_t>(call.rank(0)) - 1, 1);
        shape.front() = slopes;
        slope = call.emit("Reshape", {slope, call.integers(shape)});
    }
    call.give(call.emit("PRelu", {call.edge(0), slope}));
}

/// glu(x, axis): the first half times the sigmoid of the second.
void glu(Call& call) {
    const std::int64_t axis = call.axis(1);
    const std::int64_t half = call.tensor(0).size(axis) / 2;
    const std::vector<std::string> halves = call.translation().emitMany(
        "Split", {call.edge(0), call.integers({half, half})}, 2, {{"axis", axis}});
    call.give(call.emit("Mul", {halves[0], call.emit("Sigmoid", {halves[1]})}));
}

void dropout(Call& call) {
    if (call.flag(2)) {
        throw TranslationError("the network is saved for training; call eval() before you save it");
    }
    call.pass(0);
}

void threshold(Call& call) {
    const at::ScalarType type = call.type(0);
    const std::string above = call.emit("Greater", {call.edge(0), call.number(call.real(1), type)});
    call.give(call.emit("Where", {above, call.edge(0), call.number(call.real(2), type)}));
}

}  // namespace

void addActivations(Translators& table) {
    table["aten::relu"] = unary("Relu");
    table["aten::tanh"] = unary("Tanh");
    table["aten::sigmoid"] = unary("Sigmoid");
    table["aten::mish"] = unary("Mish");
    table["aten::hardswish"] = unary("HardSwish");
    table["aten::clamp"] = clamp;
    table["aten::clip"] = clamp;
    table["aten::clamp_min"] = clampMin;
    table["aten::clamp_max"] = clampMax;
    table["aten::relu6"] = relu6;
    table["aten::hardtanh"] = hardtanh;
    table["aten::leaky_relu"] = leakyRelu;
    table["aten::elu"] = elu;
    table["aten::selu"] = selu;
    table["aten::celu"] = celu;
    table["aten::gelu"] = gelu;
    table["aten::silu"] = silu;
    table["aten::hardsigmoid"] = hardsigmoid;
    table["aten::softplus"] = softplus;
    table["aten::softmax"] = alongAxis("Softmax");
    table["aten::_softmax"] = alongAxis("Softmax");
    table["aten::log_softmax"] = alongAxis("LogSoftmax");
    table["aten::_log_softmax"] = alongAxis("LogSoftmax");
    table["aten::prelu"] = prelu;
    table["aten::glu"] = glu;
    table["aten::dropout"] = dropout;
    table["aten::feature_dropout"] = dropout;
    table["aten::alpha_dropout"] = dropout;
    table["aten::threshold"] = threshold;
}

}  // namespace bitloupe::execution::torchscript
