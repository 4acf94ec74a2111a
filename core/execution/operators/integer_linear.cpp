// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/quantization.h"

namespace bitloupe::execution {

namespace {

/// Codes less their zero point, in double: sums of products of bytes stay exact.
at::Tensor centred(const at::Tensor& codes, const at::Tensor& zeroPoint,
                   const QuantizationGrain& grain) {
    const at::Tensor values = codes.to(at::kDouble);
    return zeroPoint.defined() ? values - grain.spread(zeroPoint, codes) : values;
}

/// The zero point of a matrix: one, or one for each row (left) or column (right).
at::Tensor centredMatrix(const at::Tensor& codes, const at::Tensor& zeroPoint, bool left) {
    if (!zeroPoint.defined() || zeroPoint.numel() == 1 || zeroPoint.dim() > 1) {
        const at::Tensor values = codes.to(at::kDouble);
        return zeroPoint.defined()
                   ? values - (zeroPoint.numel() == 1 ? zeroPoint.reshape({}) : zeroPoint)
                   : values;
    }
    return codes.to(at::kDouble) - (left ? zeroPoint.unsqueeze(-1) : zeroPoint);
}

/// A scale or zero point of a matrix against the product's rows or columns.
at::Tensor alongProduct(const at::Tensor& parameter, bool left) {
    if (parameter.numel() == 1) {
        return parameter.reshape({});
    }
    return left && parameter.dim() == 1 ? parameter.unsqueeze(-1) : parameter;
}

Kernel makeMatMulInteger(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::matmul(centredMatrix(inputs[0], optionalInput(inputs, 2), true),
                           centredMatrix(inputs[1], optionalInput(inputs, 3), false))
                    .to(at::kInt)};
    };
}

/// Inputs: a, its scale and zero point, b, its scale and zero point, those of the result.
Kernel makeQLinearMatMul(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() == 8, "QLinearMatMul needs eight inputs");
        const at::Tensor sums = at::matmul(centredMatrix(inputs[0], inputs[2], true),
                                           centredMatrix(inputs[3], inputs[5], false));
        const at::Tensor scale =
            alongProduct(inputs[1], true) * alongProduct(inputs[4], false) / inputs[6].reshape({});
        return {requantized(sums.to(at::kFloat) * scale, inputs[7])};
    };
}

/// The float convolution of the same attributes.
Kernel floatConvolution(const Attributes& attributes) {
    return operatorTable().at("Conv")(attributes);
}

Kernel makeConvInteger(const Attributes& attributes) {
    // The table is being made while this maker is registered, not while it runs.
    const Kernel convolve = floatConvolution(attributes);
    return [convolve](std::span<const at::Tensor> inputs) -> Tensors {
        const QuantizationGrain byInput{1, 0};
        const QuantizationGrain byFilter{0, 0};
        const Tensors operands = {centred(inputs[0], optionalInput(inputs, 2), byInput),
                                  centred(inputs[1], optionalInput(inputs, 3), byFilter)};
        return {at::round(convolve(operands)[0]).to(at::kInt)};
    };
}

/// Inputs: x, its scale and zero point, w, its scales and zero points (one a filter), those of y,
/// and the bias in units of x's scale times w's.
Kernel makeQLinearConv(const Attributes& attributes) {
    const Kernel convolve = floatConvolution(attributes);
    return [convolve](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() >= 8, "QLinearConv needs eight inputs");
        const QuantizationGrain byFilter{0, 0};
        Tensors operands = {centred(inputs[0], inputs[2], {}),
                            centred(inputs[3], inputs[5], byFilter)};
        if (const at::Tensor bias = optionalInput(inputs, 8); bias.defined()) {
            operands.push_back(bias.to(at::kDouble));
        }
        const at::Tensor sums = convolve(operands)[0];
        const at::Tensor scale = inputs[1].reshape({}) *
                                 QuantizationGrain{1, 0}.spread(inputs[4], sums) /
                                 inputs[6].reshape({});
        return {requantized(sums.to(at::kFloat) * scale, inputs[7])};
    };
}

using Binary = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

/// com.microsoft's QLinearAdd and QLinearMul: a, scale, zero point, b, scale, zero point, result's.
KernelMaker quantizedBinary(Binary function) {
    return [function](const Attributes&) -> Kernel {
        return [function](std::span<const at::Tensor> inputs) -> Tensors {
            require(inputs.size() >= 7, "the operator needs seven inputs");
            const at::Tensor zero = optionalInput(inputs, 7);
            const at::Tensor real = function(dequantized(inputs[0], inputs[1], inputs[2]),
                                             dequantized(inputs[3], inputs[4], inputs[5]));
            return {requantized(real / inputs[6].reshape({}),
                                zero.defined() ? zero : at::zeros({}, inputs[0].options()))};
        };
    };
}

/// A float operator between dequantization and quantization: x, scale, zero point, result's.
KernelMaker quantizedUnary(const char* name) {
    return [name](const Attributes& attributes) -> Kernel {
        const Kernel inner = operatorTable().at(name)(attributes);
        const bool channelsLast = attributes.integer("channels_last", 0) != 0;
        require(!channelsLast, "channels_last is not supported");
        return [inner](std::span<const at::Tensor> inputs) -> Tensors {
            require(inputs.size() >= 4, "the operator needs four inputs");
            const at::Tensor zero = optionalInput(inputs, 4);
            const Tensors real = {dequantized(inputs[0], inputs[1], inputs[2])};
            return {requantized(inner(real)[0] / inputs[3].reshape({}),
                                zero.defined() ? zero : at::zeros({}, inputs[0].options()))};
        };
    };
}

/// Inputs: the result's scale and zero point, then each part with its own.
Kernel makeQLinearConcat(const Attributes& attributes) {
    const std::int64_t axis = attributes.integer("axis", 0);
    return [axis](std::span<const at::Tensor> inputs) -> Tensors {
        require(inputs.size() >= 5 && inputs.size() % 3 == 2, "QLinearConcat has a part too few");
        Tensors parts;
        for (std::size_t i = 2; i < inputs.size(); i += 3) {
            parts.push_back(dequantized(inputs[i], inputs[i + 1], inputs[i + 2]));
        }
        return {requantized(at::cat(parts, wrapAxis(axis, parts[0].dim())) / inputs[0].reshape({}),
                            inputs[1])};
    };
}

}  // namespace

void addIntegerLinearOperators(OperatorTable& table) {
    table["MatMulInteger"] = makeMatMulInteger;
    table["QLinearMatMul"] = makeQLinearMatMul;
    table["ConvInteger"] = makeConvInteger;
    table["QLinearConv"] = makeQLinearConv;
    table["com.microsoft/QLinearAdd"] =
        quantizedBinary([](const at::Tensor& a, const at::Tensor& b) { return at::add(a, b); });
    table["com.microsoft/QLinearMul"] =
        quantizedBinary([](const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); });
    table["com.microsoft/QLinearSigmoid"] = quantizedUnary("Sigmoid");
    table["com.microsoft/QLinearLeakyRelu"] = quantizedUnary("LeakyRelu");
    table["com.microsoft/QLinearAveragePool"] = quantizedUnary("AveragePool");
    table["com.microsoft/QLinearGlobalAveragePool"] = quantizedUnary("GlobalAveragePool");
    table["com.microsoft/QLinearSoftmax"] = quantizedUnary("Softmax");
    table["com.microsoft/QLinearConcat"] = makeQLinearConcat;
}

}  // namespace bitloupe::execution
