// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/script_operators.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.h"

namespace bitloupe::exporters {

namespace {

using network::attributeOr;
using network::Node;
using Integers = std::vector<std::int64_t>;

Integers attribute(const Node& node, const std::string& name, Integers fallback = {}) {
    const auto given = attributeOr(node, name, Integers());
    return given.empty() ? fallback : given;
}

/// Stored integers of an input, or of the attribute that older opsets have instead.
std::optional<Integers> storedIntegers(const ScriptContext& context, std::size_t input,
                                       const std::string& name) {
    if (context.node.attributes.contains(name)) {
        return attribute(context.node, name);
    }
    const Array* array = context.index.initializer(network::inputOr(context.node, input));
    if (array == nullptr || array->type() != ElementType::Int64) {
        return std::nullopt;
    }
    const auto values = array->as<std::int64_t>();
    return Integers(values.begin(), values.end());
}

std::optional<double> storedNumber(const ScriptContext& context, std::size_t input,
                                   const std::string& name) {
    if (context.node.attributes.contains(name)) {
        return static_cast<double>(attributeOr(context.node, name, 0.0F));
    }
    const Array* array = context.index.initializer(network::inputOr(context.node, input));
    if (array == nullptr || array->type() != ElementType::Float32 || array->size() != 1) {
        return std::nullopt;
    }
    return static_cast<double>(array->as<float>().front());
}

bool automatic(const Node& node) {
    const std::string pad = attributeOr(node, "auto_pad", std::string("NOTSET"));
    return pad != "NOTSET" && pad != "VALID";
}

/// Pads of a window: after the values if they are uneven, else as an argument of the operator.
struct Pads {
    std::string input;
    std::string argument;
};
Pads padded(const ScriptContext& context, std::size_t rank, const std::string& value) {
    const Integers pads = attribute(context.node, "pads", Integers(2 * rank, 0));
    const Integers before(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank));
    const Integers after(pads.begin() + static_cast<std::ptrdiff_t>(rank), pads.end());
    if (before == after) {
        return {context.value(0), scriptList(before)};
    }
    Integers torchOrder;  // last dimension first
    for (std::size_t i = rank; i-- > 0;) {
        torchOrder.push_back(before[i]);
        torchOrder.push_back(after[i]);
    }
    return {"torch.constant_pad_nd(" + context.value(0) + ", " + scriptList(torchOrder) + ", " +
                value + ")",
            scriptList(Integers(rank, 0))};
}

std::string convolution(const ScriptContext& context) {
    const Array* stored = context.index.initializer(network::inputOr(context.node, 1));
    const Integers kernel = attribute(context.node, "kernel_shape");
    const std::size_t rank = !kernel.empty()     ? kernel.size()
                             : stored == nullptr ? 0
                                                 : stored->shape().size() - 2;
    if (rank < 1 || rank > 3 || automatic(context.node)) {
        return {};
    }
    const Pads pads = padded(context, rank, "0.");
    const bool bias = !network::inputOr(context.node, 2).empty();
    return "torch.conv" + std::to_string(rank) + "d(" + pads.input + ", " + context.value(1) +
           ", " + (bias ? context.value(2) : "None") + ", " +
           scriptList(attribute(context.node, "strides", Integers(rank, 1))) + ", " +
           pads.argument + ", " +
           scriptList(attribute(context.node, "dilations", Integers(rank, 1))) + ", " +
           std::to_string(attributeOr(context.node, "group", std::int64_t{1})) + ")";
}

std::string gemm(const ScriptContext& context) {
    const auto turned = [&](std::size_t input, const char* name) {
        const std::string value = context.value(input);
        return attributeOr(context.node, name, std::int64_t{0}) != 0 ? "torch.t(" + value + ")"
                                                                     : value;
    };
    const double alpha = static_cast<double>(attributeOr(context.node, "alpha", 1.0F));
    const double beta = static_cast<double>(attributeOr(context.node, "beta", 1.0F));
    const std::string factors = turned(0, "transA") + ", " + turned(1, "transB");
    if (network::inputOr(context.node, 2).empty()) {
        return "torch.mm(" + factors + ") * " + scriptNumber(alpha);
    }
    return "torch.addmm(" + context.value(2) + ", " + factors + ", beta=" + scriptNumber(beta) +
           ", alpha=" + scriptNumber(alpha) + ")";
}

std::string pooling(const ScriptContext& context) {
    const Integers kernel = attribute(context.node, "kernel_shape");
    const Integers strides = attribute(context.node, "strides", Integers(kernel.size(), 1));
    const Integers dilations = attribute(context.node, "dilations", Integers(kernel.size(), 1));
    const bool average = context.node.operatorType == "AveragePool";
    const bool ceiling = attributeOr(context.node, "ceil_mode", std::int64_t{0}) != 0;
    const Integers pads = attribute(context.node, "pads", Integers(2 * kernel.size(), 0));
    const bool even =
        std::equal(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(kernel.size()),
                   pads.begin() + static_cast<std::ptrdiff_t>(kernel.size()));
    const bool counts = attributeOr(context.node, "count_include_pad", std::int64_t{0}) != 0;
    const bool dilated = dilations != Integers(kernel.size(), 1);
    if (kernel.empty() || kernel.size() > 3 || automatic(context.node) || ceiling ||
        context.node.outputs.size() > 1 || (average && (dilated || (!even && !counts)))) {
        return {};
    }
    const Pads place = padded(context, kernel.size(), average ? "0." : "-float('inf')");
    const std::string size = std::to_string(kernel.size());
    const std::string common = place.input + ", " + scriptList(kernel) + ", " +
                               scriptList(strides) + ", " + place.argument + ", ";
    return average ? "torch.avg_pool" + size + "d(" + common + "False, " +
                         (counts ? "True" : "False") + ")"
                   : "torch.max_pool" + size + "d(" + common + scriptList(dilations) + ")";
}

std::string reshape(const ScriptContext& context) {
    const auto shape = storedIntegers(context, 1, "shape");
    if (!shape || attributeOr(context.node, "allowzero", std::int64_t{0}) != 0) {
        return {};
    }
    std::vector<std::string> sizes;
    for (std::size_t i = 0; i < shape->size(); ++i) {
        sizes.push_back((*shape)[i] == 0 ? context.value(0) + ".size(" + std::to_string(i) + ")"
                                         : std::to_string((*shape)[i]));
    }
    return "torch.reshape(" + context.value(0) + ", [" + text::join(sizes, ", ") + "])";
}

std::string flatten(const ScriptContext& context) {
    const std::int64_t axis = attributeOr(context.node, "axis", std::int64_t{1});
    if (axis != 1) {
        return {};
    }
    return "torch.reshape(" + context.value(0) + ", [" + context.value(0) + ".size(0), -1])";
}

std::string clip(const ScriptContext& context) {
    const auto bound = [&](std::size_t input, const char* name) -> std::string {
        const auto stored = storedNumber(context, input, name);
        return stored ? scriptNumber(*stored) : "None";
    };
    return "torch.clamp(" + context.value(0) + ", " + bound(1, "min") + ", " + bound(2, "max") +
           ")";
}

std::string concatenation(const ScriptContext& context) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < context.node.inputs.size(); ++i) {
        parts.push_back(context.value(i));
    }
    return "torch.cat([" + text::join(parts, ", ") + "], " +
           std::to_string(attributeOr(context.node, "axis", std::int64_t{0})) + ")";
}

std::string transposition(const ScriptContext& context) {
    const Integers order = attribute(context.node, "perm");
    return order.empty()
               ? std::string()
               : "torch.permute(" + context.value(0) + ", " + scriptList(order) + ").contiguous()";
}

std::string unsqueezing(const ScriptContext& context) {
    auto axes = storedIntegers(context, 1, "axes");
    if (!axes || std::any_of(axes->begin(), axes->end(), [](auto a) { return a < 0; })) {
        return {};
    }
    std::sort(axes->begin(), axes->end());
    std::string result = context.value(0);
    for (const std::int64_t axis : *axes) {
        result = "torch.unsqueeze(" + result + ", " + std::to_string(axis) + ")";
    }
    return result;
}

std::string squeezing(const ScriptContext& context) {
    auto axes = storedIntegers(context, 1, "axes");
    if (!axes || std::any_of(axes->begin(), axes->end(), [](auto a) { return a < 0; })) {
        return {};
    }
    std::sort(axes->rbegin(), axes->rend());
    std::string result = context.value(0);
    for (const std::int64_t axis : *axes) {
        result = "torch.squeeze(" + result + ", " + std::to_string(axis) + ")";
    }
    return result;
}

std::string mean(const ScriptContext& context) {
    const auto axes = storedIntegers(context, 1, "axes");
    if (!axes) {
        return {};
    }
    const bool keep = attributeOr(context.node, "keepdims", std::int64_t{1}) != 0;
    return "torch.mean(" + context.value(0) + ", " + scriptList(*axes) + ", " +
           (keep ? "True" : "False") + ")";
}

std::string softmax(const ScriptContext& context) {
    if (context.index.graph().opset < 13) {
        return {};
    }
    const std::string axis = std::to_string(attributeOr(context.node, "axis", std::int64_t{-1}));
    return (context.node.operatorType == "Softmax" ? "torch.softmax(" : "torch.log_softmax(") +
           context.value(0) + ", " + axis + ")";
}

std::string normalization(const ScriptContext& context) {
    const double epsilon = static_cast<double>(attributeOr(context.node, "epsilon", 1e-5F));
    return "torch.batch_norm(" + context.value(0) + ", " + context.value(1) + ", " +
           context.value(2) + ", " + context.value(3) + ", " + context.value(4) + ", False, 0.1, " +
           scriptNumber(epsilon) + ", False)";
}

std::string leaky(const ScriptContext& context) {
    return "torch.where(" + context.value(0) + " >= 0, " + context.value(0) + ", " +
           context.value(0) + " * " +
           scriptNumber(static_cast<double>(attributeOr(context.node, "alpha", 0.01F))) + ")";
}

std::string hardSigmoid(const ScriptContext& context) {
    const double alpha = static_cast<double>(attributeOr(context.node, "alpha", 0.2F));
    const double beta = static_cast<double>(attributeOr(context.node, "beta", 0.5F));
    return "torch.clamp(" + context.value(0) + " * " + scriptNumber(alpha) + " + " +
           scriptNumber(beta) + ", 0., 1.)";
}

using Expression = std::string (*)(const ScriptContext&);

const std::map<std::string, Expression>& expressions() {
    static const std::map<std::string, Expression> kExpressions = {
        {"Conv", convolution},
        {"Gemm", gemm},
        {"MaxPool", pooling},
        {"AveragePool", pooling},
        {"Reshape", reshape},
        {"Flatten", flatten},
        {"Clip", clip},
        {"Concat", concatenation},
        {"Transpose", transposition},
        {"Unsqueeze", unsqueezing},
        {"Squeeze", squeezing},
        {"ReduceMean", mean},
        {"Softmax", softmax},
        {"LogSoftmax", softmax},
        {"BatchNormalization", normalization},
        {"LeakyRelu", leaky},
        {"HardSigmoid", hardSigmoid},
    };
    return kExpressions;
}

/// Functions of one value, and operators between two, by their TorchScript name.
const std::map<std::string, std::string>& plainCalls() {
    static const std::map<std::string, std::string> kCalls = {
        {"Relu", "torch.relu({0})"},
        {"Sigmoid", "torch.sigmoid({0})"},
        {"Tanh", "torch.tanh({0})"},
        {"Exp", "torch.exp({0})"},
        {"Log", "torch.log({0})"},
        {"Sqrt", "torch.sqrt({0})"},
        {"Erf", "torch.erf({0})"},
        {"Neg", "torch.neg({0})"},
        {"Abs", "torch.abs({0})"},
        {"Identity", "{0}"},
        {"Dropout", "{0}"},
        {"MatMul", "torch.matmul({0}, {1})"},
        {"Add", "{0} + {1}"},
        {"Sub", "{0} - {1}"},
        {"Mul", "{0} * {1}"},
        {"Div", "{0} / {1}"},
        {"Pow", "torch.pow({0}, {1})"},
        {"HardSwish", "{0} * torch.clamp({0} / 6. + 0.5, 0., 1.)"},
        {"GlobalAveragePool", "torch.mean({0}, [2, 3], True)"},
        {"GlobalMaxPool", "torch.amax({0}, [2, 3], True)"},
    };
    return kCalls;
}

std::string filled(std::string pattern, const ScriptContext& context) {
    for (std::size_t i = 0; i < context.node.inputs.size(); ++i) {
        const std::string mark = "{" + std::to_string(i) + "}";
        for (auto at = pattern.find(mark); at != std::string::npos; at = pattern.find(mark)) {
            pattern.replace(at, mark.size(), context.value(i));
        }
    }
    return pattern;
}

}  // namespace

std::string scriptNumber(double value) {
    if (std::isinf(value)) {
        return value > 0 ? "float('inf')" : "-float('inf')";
    }
    std::string number = text::number(value);
    const bool whole = number.find_first_of(".e") == std::string::npos;
    return whole ? number + "." : number;
}

std::string scriptList(const std::vector<std::int64_t>& values) {
    std::vector<std::string> parts;
    for (const std::int64_t value : values) {
        parts.push_back(std::to_string(value));
    }
    return "[" + text::join(parts, ", ") + "]";
}

std::string scriptExpression(const ScriptContext& context) {
    if (!context.node.domain.empty() && context.node.domain != "ai.onnx") {
        return {};
    }
    if (const auto plain = plainCalls().find(context.node.operatorType);
        plain != plainCalls().end()) {
        return filled(plain->second, context);
    }
    const auto found = expressions().find(context.node.operatorType);
    return found == expressions().end() ? std::string() : found->second(context);
}

}  // namespace bitloupe::exporters
