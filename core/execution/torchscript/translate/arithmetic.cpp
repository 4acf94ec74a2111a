// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <cmath>
#include <numbers>

#include "core/execution/torchscript/call.h"
#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

namespace {

/// Both operands in the result's type, as PyTorch promotes them.
Translator binary(const char* operatorType) {
    return [operatorType](Call& call) {
        const at::ScalarType type = call.resultType();
        call.give(call.emit(operatorType, {call.edgeAs(0, type), call.edgeAs(1, type)}));
    };
}

at::ScalarType comparedType(Call& call) {
    const c10::IValue& a = call.value(0)->sample();
    const c10::IValue& b = call.value(1)->sample();
    if (a.isTensor() && b.isTensor()) {
        return at::result_type(a.toTensor(), b.toTensor());
    }
    if (a.isTensor() || b.isTensor()) {
        return a.isTensor() ? at::result_type(a.toTensor(), b.toScalar())
                            : at::result_type(a.toScalar(), b.toTensor());
    }
    return a.isDouble() || b.isDouble() ? at::kFloat : at::kLong;
}

Translator compare(const char* operatorType) {
    return [operatorType](Call& call) {
        if (call.value(0)->isSequence) {
            return;  // lists are compared by checks alone, which the translation leaves out
        }
        const at::ScalarType type = comparedType(call);
        call.give(call.emit(operatorType, {call.edgeAs(0, type), call.edgeAs(1, type)}));
    };
}

void notEqual(Call& call) {
    if (call.value(0)->isSequence) {
        return;
    }
    const at::ScalarType type = comparedType(call);
    call.give(call.emit("Not", {call.emit("Equal", {call.edgeAs(0, type), call.edgeAs(1, type)})}));
}

/// Lists are joined by + and repeated by *.
bool givesList(Call& call, bool repeated) {
    if (!call.value(0)->isSequence) {
        return false;
    }
    std::vector<ValueRef> items;
    for (std::int64_t turn = 0; turn < (repeated ? call.integer(1) : 1); ++turn) {
        items.insert(items.end(), call.value(0)->items.begin(), call.value(0)->items.end());
    }
    if (!repeated) {
        items.insert(items.end(), call.value(1)->items.begin(), call.value(1)->items.end());
    }
    call.giveSequence(items);
    return true;
}

/// a + alpha b.
Translator sum(const char* operatorType) {
    return [operatorType](Call& call) {
        if (givesList(call, false)) {
            return;
        }
        const at::ScalarType type = call.resultType();
        std::string second = call.edgeAs(1, type);
        if (!call.isNone(2) && call.real(2) != 1) {
            second = call.emit("Mul", {second, call.number(call.real(2), type)});
        }
        call.give(call.emit(operatorType, {call.edgeAs(0, type), second}));
    };
}

void reversedDifference(Call& call) {
    const at::ScalarType type = call.resultType();
    std::string first = call.edgeAs(0, type);
    if (!call.isNone(2) && call.real(2) != 1) {
        first = call.emit("Mul", {first, call.number(call.real(2), type)});
    }
    call.give(call.emit("Sub", {call.edgeAs(1, type), first}));
}

std::string flooredQuotient(Call& call, at::ScalarType type) {
    // Division in float finds the floor of whole numbers as long as they are exact in it.
    const at::ScalarType exact = at::isFloatingType(type) ? type : at::kDouble;
    const std::string quotient =
        call.emit("Floor", {call.emit("Div", {call.edgeAs(0, exact), call.edgeAs(1, exact)})});
    return exact == type ? quotient : call.translation().cast(quotient, type);
}

void floorDivide(Call& call) {
    call.give(flooredQuotient(call, call.resultType()));
}

void divide(Call& call) {
    if (!call.isNone(2) && call.value(2)->sample().isString()) {
        const std::string mode = call.value(2)->sample().toStringRef();
        if (mode == "floor") {
            floorDivide(call);
            return;
        }
        throw TranslationError("a division that rounds towards zero has no translation");
    }
    binary("Div")(call);
}

/// Of the sign of the divisor, as Python's.
void remainder(Call& call) {
    const at::ScalarType type = call.resultType();
    if (!at::isFloatingType(type)) {
        call.give(call.emit("Mod", {call.edgeAs(0, type), call.edgeAs(1, type)}));
        return;
    }
    const std::string whole = call.emit("Mul", {flooredQuotient(call, type), call.edgeAs(1, type)});
    call.give(call.emit("Sub", {call.edgeAs(0, type), whole}));
}

Translator unary(const char* operatorType) {
    return [operatorType](Call& call) {
        call.give(call.emit(operatorType, {call.edgeAs(0, call.resultType())}));
    };
}

void rsqrt(Call& call) {
    call.give(call.emit("Reciprocal", {call.emit("Sqrt", {call.edgeAs(0, call.resultType())})}));
}

void square(Call& call) {
    const std::string x = call.edge(0);
    call.give(call.emit("Mul", {x, x}));
}

void log1p(Call& call) {
    const at::ScalarType type = call.resultType();
    call.give(call.emit("Log", {call.emit("Add", {call.edgeAs(0, type), call.number(1, type)})}));
}

void expm1(Call& call) {
    const at::ScalarType type = call.resultType();
    call.give(call.emit("Sub", {call.emit("Exp", {call.edgeAs(0, type)}), call.number(1, type)}));
}

void scaledLogarithm(Call& call, double base) {
    const at::ScalarType type = call.resultType();
    call.give(call.emit(
        "Div", {call.emit("Log", {call.edgeAs(0, type)}), call.number(std::log(base), type)}));
}

/// The angle of the point (x, y), from the arc tangent and the quadrant.
void atan2(Call& call) {
    const at::ScalarType type = call.resultType();
    const std::string y = call.edgeAs(0, type);
    const std::string x = call.edgeAs(1, type);
    const std::string zero = call.number(0, type);
    const std::string slope = call.emit("Atan", {call.emit("Div", {y, x})});
    const std::string turn =
        call.emit("Where", {call.emit("Less", {y, zero}), call.number(-std::numbers::pi, type),
                            call.number(std::numbers::pi, type)});
    const std::string left =
        call.emit("Where", {call.emit("Less", {x, zero}), call.emit("Add", {slope, turn}), slope});
    const std::string origin =
        call.emit("And", {call.emit("Equal", {x, zero}), call.emit("Equal", {y, zero})});
    call.give(call.emit("Where", {origin, zero, left}));
}

Translator logical(const char* operatorType) {
    return [operatorType](Call& call) {
        call.give(call.emit(operatorType, {call.edgeAs(0, at::kBool), call.edgeAs(1, at::kBool)}));
    };
}

void logicalNot(Call& call) {
    call.give(call.emit("Not", {call.edgeAs(0, at::kBool)}));
}

/// & of truth values is And, of whole numbers BitwiseAnd.
Translator bitwise(const char* logicalType, const char* bitwiseType) {
    return [=](Call& call) {
        const at::ScalarType type = call.resultType();
        call.give(call.emit(type == at::kBool ? logicalType : bitwiseType,
                            {call.edgeAs(0, type), call.edgeAs(1, type)}));
    };
}

void bitwiseNot(Call& call) {
    call.give(call.emit(call.type(0) == at::kBool ? "Not" : "BitwiseNot", {call.edge(0)}));
}

void where(Call& call) {
    if (call.arguments() == 1) {
        throw TranslationError("where with one argument has no translation");
    }
    const at::ScalarType type = call.resultType();
    call.give(call.emit("Where",
                        {call.edgeAs(0, at::kBool), call.edgeAs(1, type), call.edgeAs(2, type)}));
}

void maskedFill(Call& call) {
    const at::ScalarType type = call.resultType();
    call.give(call.emit("Where",
                        {call.edgeAs(1, at::kBool), call.edgeAs(2, type), call.edgeAs(0, type)}));
}

void power(Call& call) {
    const at::ScalarType type = call.resultType();
    call.give(call.emit("Pow", {call.edgeAs(0, type), call.edgeAs(1, type)}));
}

/// self + value * first * second, or with / for `second`.
Translator addCombined(const char* operatorType) {
    return [operatorType](Call& call) {
        const at::ScalarType type = call.resultType();
        std::string product = call.emit(operatorType, {call.edgeAs(1, type), call.edgeAs(2, type)});
        if (!call.isNone(3) && call.real(3) != 1) {
            product = call.emit("Mul", {product, call.number(call.real(3), type)});
        }
        call.give(call.emit("Add", {call.edgeAs(0, type), product}));
    };
}

void linearInterpolation(Call& call) {
    const at::ScalarType type = call.resultType();
    const std::string start = call.edgeAs(0, type);
    const std::string way = call.emit("Sub", {call.edgeAs(1, type), start});
    call.give(call.emit("Add", {start, call.emit("Mul", {way, call.edgeAs(2, type)})}));
}

}  // namespace

void addArithmetic(Translators& table) {
    table["aten::add"] = sum("Add");
    table["aten::sub"] = sum("Sub");
    table["aten::rsub"] = reversedDifference;
    table["aten::mul"] = [](Call& call) {
        if (!givesList(call, true)) {
            binary("Mul")(call);
        }
    };
    table["aten::div"] = divide;
    table["aten::true_divide"] = divide;
    table["aten::floor_divide"] = floorDivide;
    table["aten::floordiv"] = floorDivide;
    table["aten::remainder"] = remainder;
    table["aten::pow"] = power;
    table["aten::maximum"] = binary("Max");
    table["aten::minimum"] = binary("Min");
    table["prim::max"] = binary("Max");
    table["prim::min"] = binary("Min");
    table["aten::eq"] = compare("Equal");
    table["aten::ne"] = notEqual;
    table["aten::lt"] = compare("Less");
    table["aten::le"] = compare("LessOrEqual");
    table["aten::gt"] = compare("Greater");
    table["aten::ge"] = compare("GreaterOrEqual");
    for (const char* type :
         {"Neg",   "Abs",  "Exp",   "Log",  "Sqrt",  "Reciprocal", "Sin",   "Cos",
          "Tan",   "Asin", "Acos",  "Atan", "Sinh",  "Cosh",       "Asinh", "Acosh",
          "Atanh", "Erf",  "Floor", "Ceil", "Round", "Sign"}) {
        std::string name = std::string("aten::") + type;
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        table[name] = unary(type);
    }
    table["aten::isnan"] = [](Call& call) { call.give(call.emit("IsNaN", {call.edge(0)})); };
    table["aten::isinf"] = [](Call& call) { call.give(call.emit("IsInf", {call.edge(0)})); };
    table["aten::rsqrt"] = rsqrt;
    table["aten::square"] = square;
    table["aten::log1p"] = log1p;
    table["aten::expm1"] = expm1;
    table["aten::log2"] = [](Call& call) { scaledLogarithm(call, 2); };
    table["aten::log10"] = [](Call& call) { scaledLogarithm(call, 10); };
    table["aten::atan2"] = atan2;
    table["aten::logical_and"] = logical("And");
    table["aten::logical_or"] = logical("Or");
    table["aten::logical_xor"] = logical("Xor");
    table["aten::logical_not"] = logicalNot;
    table["aten::__not__"] = logicalNot;
    for (const char* spelling : {"aten::__and__", "aten::bitwise_and", "aten::__iand__"}) {
        table[spelling] = bitwise("And", "BitwiseAnd");
    }
    for (const char* spelling : {"aten::__or__", "aten::bitwise_or", "aten::__ior__"}) {
        table[spelling] = bitwise("Or", "BitwiseOr");
    }
    for (const char* spelling : {"aten::__xor__", "aten::bitwise_xor"}) {
        table[spelling] = bitwise("Xor", "BitwiseXor");
    }
    table["aten::bitwise_not"] = bitwiseNot;
    table["aten::where"] = where;
    table["aten::masked_fill"] = maskedFill;
    table["aten::addcmul"] = addCombined("Mul");
    table["aten::addcdiv"] = addCombined("Div");
    table["aten::lerp"] = linearInterpolation;
}

}  // namespace bitloupe::execution::torchscript
