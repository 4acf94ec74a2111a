// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

using Rounding = at::Tensor (*)(const at::Tensor&);

at::Tensor halfUp(const at::Tensor& x) {
    return at::sign(x) * at::floor(at::abs(x) + 0.5);
}
at::Tensor halfDown(const at::Tensor& x) {
    return at::sign(x) * at::ceil(at::abs(x) - 0.5);
}
at::Tensor awayFromZero(const at::Tensor& x) {
    return at::sign(x) * at::ceil(at::abs(x));
}

/// The rounding modes of Quant and Trunc; names in any case.
Rounding roundingOf(std::string name) {
    for (char& letter : name) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    static const std::map<std::string, Rounding> kModes = {
        {"ROUND", [](const at::Tensor& x) { return at::round(x); }},
        {"HALF_EVEN", [](const at::Tensor& x) { return at::round(x); }},
        {"CEIL", [](const at::Tensor& x) { return at::ceil(x); }},
        {"FLOOR", [](const at::Tensor& x) { return at::floor(x); }},
        {"UP", awayFromZero},
        {"DOWN", [](const at::Tensor& x) { return at::trunc(x); }},
        {"ROUND_TO_ZERO", [](const at::Tensor& x) { return at::trunc(x); }},
        {"HALF_UP", halfUp},
        {"HALF_DOWN", halfDown}};
    const auto found = kModes.find(name);
    require(found != kModes.end(), "the rounding mode " + name + " is not known");
    return found->second;
}

/// Limits of an integer of `bits` bits (a tensor: one value or one a channel).
struct Limits {
    at::Tensor low;
    at::Tensor high;
};

Limits limitsOf(const at::Tensor& bits, bool isSigned, bool narrow) {
    const at::Tensor values = at::pow(2.0, bits.to(at::kDouble));
    if (isSigned) {
        return {-values / 2 + (narrow ? 1 : 0), values / 2 - 1};
    }
    return {at::zeros_like(values), values - (narrow ? 2 : 1)};
}

at::Tensor clamped(const at::Tensor& x, const Limits& limits) {
    return at::maximum(at::minimum(x, limits.high.to(x.scalar_type())),
                       limits.low.to(x.scalar_type()));
}

/// Inputs: x, scale, zero point, bit width. One signed bit is the sign.
Kernel makeQuant(const Attributes& attributes) {
    const bool isSigned = attributes.integer("signed", 1) != 0;
    const bool narrow = attributes.integer("narrow", 0) != 0;
    const Rounding round = roundingOf(attributes.text("rounding_mode", "ROUND"));
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 4, "Quant needs four inputs");
        const auto& [x, scale, zero, bits] = std::tie(inputs[0], inputs[1], inputs[2], inputs[3]);
        const at::Tensor codes = x / scale + zero;
        const bool oneBit = isSigned && bits.numel() == 1 && bits.item<double>() == 1;
        const at::Tensor whole =
            oneBit ? at::where(codes >= 0, at::ones_like(codes), -at::ones_like(codes))
                   : round(clamped(codes, limitsOf(bits, isSigned, narrow)));
        return {(whole - zero) * scale};
    };
}

Kernel makeBipolarQuant(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 2, "BipolarQuant needs two inputs");
        const at::Tensor& x = inputs[0];
        return {at::where(x >= 0, at::ones_like(x), -at::ones_like(x)) * inputs[1]};
    };
}

/// Version 1: x, scale, zero point, bits before, bits after; the scale stays.
at::Tensor cutBits(std::span<const at::Tensor> inputs, Rounding round) {
    const at::Tensor cut = at::pow(2.0, (inputs[3] - inputs[4]).to(at::kDouble));
    const at::Tensor codes = at::round(inputs[0] / inputs[1] + inputs[2]);
    return (round(codes / cut.to(codes.scalar_type())) - inputs[2]) * inputs[1];
}

/// Version 2: x, scale, zero point, bits before, the scale after, bits after.
at::Tensor rescaled(std::span<const at::Tensor> inputs, Rounding round, bool isSigned,
                    bool narrow) {
    const at::Tensor& scaleAfter = inputs[4];
    const at::Tensor cut = at::pow(2.0, at::round(at::log2(scaleAfter / inputs[1])));
    const at::Tensor codes = at::round(inputs[0] / inputs[1] + inputs[2]) / cut;
    const at::Tensor whole = round(clamped(codes, limitsOf(inputs[5], isSigned, narrow)));
    return (whole - inputs[2] / cut) * scaleAfter;
}

Kernel makeTrunc(const Attributes& attributes) {
    const Rounding round = roundingOf(attributes.text("rounding_mode", "FLOOR"));
    const bool isSigned = attributes.integer("signed", 1) != 0;
    const bool narrow = attributes.integer("narrow", 0) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 5 || inputs.size() == 6, "Trunc needs five or six inputs");
        const at::Tensor result =
            inputs.size() == 5 ? cutBits(inputs, round) : rescaled(inputs, round, isSigned, narrow);
        return {result.to(inputs[0].scalar_type())};
    };
}

/// How many of its channel's thresholds an element reaches: thresholds [channels or 1, steps].
Kernel makeMultiThreshold(const Attributes& attributes) {
    const double scale = attributes.real("out_scale", 1);
    const double bias = attributes.real("out_bias", 0);
    const std::string layout = attributes.text("data_layout", "");
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const at::Tensor& thresholds = inputs[1];
        require(x.dim() >= 2 && thresholds.dim() == 2, "MultiThreshold needs channels and a table");
        const std::string given = layout.empty() && x.dim() == 3 ? "NWC" : layout;
        const std::size_t named = given.find('C');
        const std::int64_t axis =
            wrapAxis(named == std::string::npos ? 1 : static_cast<std::int64_t>(named), x.dim());
        const at::Tensor last = x.movedim(axis, -1).unsqueeze(-1);
        const at::Tensor reached = at::ge(last, thresholds).sum(-1).to(x.scalar_type());
        return {(reached * scale + bias).movedim(-1, axis)};
    };
}

/// An operator on [samples, channels, place ...] for data that keeps the channels last, and so do
/// the filters of a convolution.
KernelMaker channelsLast(const char* name, bool hasFilters) {
    return [=](const Attributes& attributes) -> Kernel {
        const Kernel inner = operatorTable().at(name)(attributes);
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            Tensors moved(inputs.begin(), inputs.end());
            for (std::size_t i = 0; i < (hasFilters ? 2 : 1); ++i) {
                moved[i] = inputs[i].movedim(-1, 1).contiguous();
            }
            return {inner(moved)[0].movedim(1, -1).contiguous()};
        };
    };
}

}  // namespace

void addQonnxOperators(OperatorTable& table) {
    const std::string domain = std::string(network::kQonnxDomain) + "/";
    table[domain + "Quant"] = makeQuant;
    table[domain + "IntQuant"] = makeQuant;
    table[domain + "BipolarQuant"] = makeBipolarQuant;
    table[domain + "Trunc"] = makeTrunc;
    table[domain + "MultiThreshold"] = makeMultiThreshold;
    const std::string last = "qonnx.custom_op.channels_last/";
    table[last + "Conv"] = channelsLast("Conv", true);
    table[last + "MaxPool"] = channelsLast("MaxPool", false);
    table[last + "BatchNormalization"] = channelsLast("BatchNormalization", false);
}

}  // namespace bitloupe::execution
