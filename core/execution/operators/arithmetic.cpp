// SPDX-License-Identifier: Apache-2.0
#include "core/execution/operator_table.h"

namespace bitloupe::execution {

namespace {

using Unary = at::Tensor (*)(const at::Tensor&);
using Binary = at::Tensor (*)(const at::Tensor&, const at::Tensor&);

KernelMaker unary(Unary function) {
    return [function](const Attributes&) -> Kernel {
        return [function](std::span<const at::Tensor> inputs) -> Tensors {
            return {function(inputs[0])};
        };
    };
}

/// Before opset 7 the second operand was placed by `axis` and `broadcast` instead of by rank.
at::Tensor placedByAxis(const at::Tensor& b, std::int64_t axis, std::int64_t rank) {
    std::vector<std::int64_t> shape = b.sizes().vec();
    const std::int64_t trailing = rank - wrapAxis(axis, rank) - b.dim();
    require(trailing >= 0, "the second operand does not fit at its axis");
    shape.insert(shape.end(), static_cast<std::size_t>(trailing), 1);
    return b.reshape(shape);
}

KernelMaker binary(Binary function) {
    return [function](const Attributes& attributes) -> Kernel {
        if (attributes.opset() < 7 && attributes.has("axis")) {
            const std::int64_t axis = attributes.integer("axis", 0);
            return [=](std::span<const at::Tensor> inputs) -> Tensors {
                return {function(inputs[0], placedByAxis(inputs[1], axis, inputs[0].dim()))};
            };
        }
        return [function](std::span<const at::Tensor> inputs) -> Tensors {
            return {function(inputs[0], inputs[1])};
        };
    };
}

KernelMaker variadic(Binary function, bool average = false) {
    return [=](const Attributes&) -> Kernel {
        return [=](std::span<const at::Tensor> inputs) -> Tensors {
            require(!inputs.empty(), "an input is missing");
            at::Tensor result = inputs[0];
            for (const at::Tensor& input : inputs.subspan(1)) {
                result = function(result, input);
            }
            return {average ? result / static_cast<double>(inputs.size()) : result};
        };
    };
}

at::Tensor divide(const at::Tensor& a, const at::Tensor& b) {
    if (at::isFloatingType(a.scalar_type())) {
        return at::div(a, b);
    }
    require(at::ne(b, 0).all().item<bool>(), "a division of integers by zero");
    return at::div(a, b, "trunc");
}

at::Tensor power(const at::Tensor& a, const at::Tensor& b) {
    // Squares and roots have loops of their own, which ATen takes for a number only.
    if (a.scalar_type() == at::kFloat && b.numel() == 1 && b.dim() <= a.dim() &&
        !b.requires_grad()) {
        return at::pow(a, b.item());
    }
    return at::pow(a, b.to(a.scalar_type() == at::kDouble || !at::isFloatingType(a.scalar_type())
                               ? b.scalar_type()
                               : a.scalar_type()))
        .to(a.scalar_type());
}

Kernel makeMod(const Attributes& attributes) {
    const bool likeC = attributes.integer("fmod", 0) != 0;
    return [likeC](std::span<const at::Tensor> inputs) -> Tensors {
        return {likeC ? at::fmod(inputs[0], inputs[1]) : at::remainder(inputs[0], inputs[1])};
    };
}

Kernel makeBitShift(const Attributes& attributes) {
    const std::string direction = attributes.text("direction", "");
    require(direction == "LEFT" || direction == "RIGHT", "direction must be LEFT or RIGHT");
    const bool left = direction == "LEFT";
    return [left](std::span<const at::Tensor> inputs) -> Tensors {
        return {left ? at::bitwise_left_shift(inputs[0], inputs[1])
                     : at::bitwise_right_shift(inputs[0], inputs[1])};
    };
}

Kernel makeIsInf(const Attributes& attributes) {
    const bool negative = attributes.integer("detect_negative", 1) != 0;
    const bool positive = attributes.integer("detect_positive", 1) != 0;
    return [=](std::span<const at::Tensor> inputs) -> Tensors {
        const at::Tensor infinite = at::isinf(inputs[0]);
        at::Tensor counted = at::zeros_like(infinite);
        if (negative) {
            counted = at::logical_or(counted, at::lt(inputs[0], 0));
        }
        if (positive) {
            counted = at::logical_or(counted, at::gt(inputs[0], 0));
        }
        return {at::logical_and(infinite, counted)};
    };
}

Kernel makeWhere(const Attributes&) {
    return [](std::span<const at::Tensor> inputs) -> Tensors {
        return {at::where(inputs[0].to(at::kBool), inputs[1], inputs[2])};
    };
}

void addUnaryOperators(OperatorTable& table) {
    table["Abs"] = unary([](const at::Tensor& x) { return at::abs(x); });
    table["Neg"] = unary([](const at::Tensor& x) { return at::neg(x); });
    table["Exp"] = unary([](const at::Tensor& x) { return at::exp(x); });
    table["Log"] = unary([](const at::Tensor& x) { return at::log(x); });
    table["Sqrt"] = unary([](const at::Tensor& x) { return at::sqrt(x); });
    table["Reciprocal"] = unary([](const at::Tensor& x) { return at::reciprocal(x); });
    table["Floor"] = unary([](const at::Tensor& x) { return at::floor(x); });
    table["Ceil"] = unary([](const at::Tensor& x) { return at::ceil(x); });
    table["Round"] = unary([](const at::Tensor& x) { return at::round(x); });
    table["Sign"] = unary([](const at::Tensor& x) { return at::sign(x); });
    table["Erf"] = unary([](const at::Tensor& x) { return at::erf(x); });
    table["Not"] = unary([](const at::Tensor& x) { return at::logical_not(x); });
    table["BitwiseNot"] = unary([](const at::Tensor& x) { return at::bitwise_not(x); });
    table["IsNaN"] = unary([](const at::Tensor& x) { return at::isnan(x); });
    table["Sin"] = unary([](const at::Tensor& x) { return at::sin(x); });
    table["Cos"] = unary([](const at::Tensor& x) { return at::cos(x); });
    table["Tan"] = unary([](const at::Tensor& x) { return at::tan(x); });
    table["Asin"] = unary([](const at::Tensor& x) { return at::asin(x); });
    table["Acos"] = unary([](const at::Tensor& x) { return at::acos(x); });
    table["Atan"] = unary([](const at::Tensor& x) { return at::atan(x); });
    table["Sinh"] = unary([](const at::Tensor& x) { return at::sinh(x); });
    table["Cosh"] = unary([](const at::Tensor& x) { return at::cosh(x); });
    table["Asinh"] = unary([](const at::Tensor& x) { return at::asinh(x); });
    table["Acosh"] = unary([](const at::Tensor& x) { return at::acosh(x); });
    table["Atanh"] = unary([](const at::Tensor& x) { return at::atanh(x); });
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) {
    return at::add(a, b);
}
at::Tensor maximum(const at::Tensor& a, const at::Tensor& b) {
    return at::maximum(a, b);
}
at::Tensor minimum(const at::Tensor& a, const at::Tensor& b) {
    return at::minimum(a, b);
}

void addBinaryOperators(OperatorTable& table) {
    table["Add"] = binary(add);
    table["Sub"] = binary([](const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b); });
    table["Mul"] = binary([](const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b); });
    table["Div"] = binary(divide);
    table["Pow"] = binary(power);
    table["Equal"] = binary([](const at::Tensor& a, const at::Tensor& b) { return at::eq(a, b); });
    table["Less"] = binary([](const at::Tensor& a, const at::Tensor& b) { return at::lt(a, b); });
    table["Greater"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::gt(a, b); });
    table["LessOrEqual"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::le(a, b); });
    table["GreaterOrEqual"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::ge(a, b); });
    table["And"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::logical_and(a, b); });
    table["Or"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::logical_or(a, b); });
    table["Xor"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::logical_xor(a, b); });
    table["BitwiseAnd"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::bitwise_and(a, b); });
    table["BitwiseOr"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::bitwise_or(a, b); });
    table["BitwiseXor"] =
        binary([](const at::Tensor& a, const at::Tensor& b) { return at::bitwise_xor(a, b); });
}

}  // namespace

void addArithmeticOperators(OperatorTable& table) {
    addUnaryOperators(table);
    addBinaryOperators(table);
    table["Mod"] = makeMod;
    table["BitShift"] = makeBitShift;
    table["IsInf"] = makeIsInf;
    table["Where"] = makeWhere;
    table["Sum"] = variadic(add);
    table["Mean"] = variadic(add, /*average=*/true);
    table["Max"] = variadic(maximum);
    table["Min"] = variadic(minimum);
}

}  // namespace bitloupe::execution
