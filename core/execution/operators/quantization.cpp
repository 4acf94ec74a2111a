// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operators/quantization.h"

#include "core/execution/narrow_types.h"

namespace bitloupe::execution {

namespace {

/// A zero point in the tensor's own narrow type says which type that is.
std::int64_t dataTypeOf(const at::Tensor& zeroPoint, int narrow) {
    if (narrow != 0) {
        return narrow;
    }
    switch (zeroPoint.scalar_type()) {
        case at::kByte:
            return 2;
        case at::kChar:
            return 3;
        case at::kInt:
            return 4;  // uint16: nothing is quantized to int32
        case at::kShort:
            return 5;
        default:
            throw OperatorError("a zero point of this type is not supported");
    }
}

Kernel makeQuantize(const Attributes& attributes) {
    const QuantizationGrain grain = QuantizationGrain::read(attributes);
    const std::int64_t declared = attributes.integer("output_dtype", 0);
    const int narrow = attributes.narrowType(2);
    const CastRules rules = {attributes.integer("saturate", 1) != 0, "up"};
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor zeroPoint = optionalInput(inputs, 2);
        const std::int64_t type = declared != 0         ? declared
                                  : zeroPoint.defined() ? dataTypeOf(zeroPoint, narrow)
                                                        : 2;
        const at::Tensor x = inputs[0];
        const bool whole = !at::isFloatingType(x.scalar_type());
        at::Tensor scaled = (whole ? x.to(at::kFloat) : x) /
                            grain.spread(inputs[1], x).to(whole ? at::kFloat : x.scalar_type());
        if (isFloatingDataType(type)) {
            return {castTo(scaled, type, rules)};
        }
        scaled = at::round(scaled);
        if (zeroPoint.defined()) {
            scaled = scaled + grain.spread(zeroPoint, x);
        }
        const auto [low, high] = integerRangeOf(type);
        return {at::clamp(scaled, low, high).to(carrierOf(type))};
    };
}

Kernel makeDequantize(const Attributes& attributes) {
    const QuantizationGrain grain = QuantizationGrain::read(attributes);
    const std::int64_t declared = attributes.integer("output_dtype", 0);
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor y = dequantized(inputs[0], inputs[1], optionalInput(inputs, 2), grain);
        return {declared != 0 ? castTo(y, declared) : y};
    };
}

/// Range and zero point follow from the data, 0 always among the values (ONNX, opset 11).
Kernel makeDynamicQuantize(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor& x = inputs[0];
        const at::Tensor none = at::zeros({}, x.options());
        const at::Tensor low = x.numel() == 0 ? none : at::minimum(x.min(), none);
        const at::Tensor high = x.numel() == 0 ? none : at::maximum(x.max(), none);
        const at::Tensor range = (high - low) / 255;
        const at::Tensor scale = at::where(range == 0, at::ones_like(range), range);
        const at::Tensor zero = at::clamp(at::round(-low / scale), 0, 255);
        return {at::clamp(at::round(x / scale) + zero, 0, 255).to(at::kByte), scale,
                zero.to(at::kByte)};
    };
}

}  // namespace

QuantizationGrain QuantizationGrain::read(const Attributes& attributes) {
    return {attributes.integer("axis", 1), attributes.integer("block_size", 0)};
}

at::Tensor QuantizationGrain::spread(const at::Tensor& parameter, const at::Tensor& x) const {
    if (parameter.numel() == 1) {
        return parameter.reshape({});
    }
    const std::int64_t at = wrapAxis(axis, x.dim());
    if (block > 0) {
        require(parameter.dim() == x.dim() && parameter.size(at) * block >= x.size(at),
                "the scales do not fit the blocks");
        return at::repeat_interleave(parameter, block, at).narrow(at, 0, x.size(at));
    }
    require(parameter.dim() == 1 && parameter.size(0) == x.size(at),
            "there must be one scale and zero point for each channel");
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[static_cast<std::size_t>(at)] = parameter.size(0);
    return parameter.reshape(shape);
}

at::Tensor dequantized(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& zeroPoint,
                       const QuantizationGrain& grain) {
    at::Tensor centred = x.to(at::kInt);
    if (at::isFloatingType(x.scalar_type())) {
        centred = x;
    } else if (zeroPoint.defined()) {
        centred = centred - grain.spread(zeroPoint, x).to(at::kInt);
    }
    return centred.to(scale.scalar_type()) * grain.spread(scale, x);
}

at::Tensor requantized(const at::Tensor& codes, const at::Tensor& zeroPoint) {
    const auto [low, high] = integerRangeOf(dataTypeOf(zeroPoint, 0));
    return at::clamp(at::round(codes.to(at::kFloat)) + zeroPoint.reshape({}), low, high)
        .to(zeroPoint.scalar_type());
}

void addQuantizationOperators(OperatorTable& table) {
    table["QuantizeLinear"] = makeQuantize;
    table["DequantizeLinear"] = makeDequantize;
    table["DynamicQuantizeLinear"] = makeDynamicQuantize;
    table["com.microsoft/QuantizeLinear"] = makeQuantize;
    table["com.microsoft/DequantizeLinear"] = makeDequantize;
}

}  // namespace bitloupe::execution
