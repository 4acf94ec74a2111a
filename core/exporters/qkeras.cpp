// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/qkeras.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using nlohmann::ordered_json;
using numerics::NumberFormat;

/// "quantized_bits(6,0,alpha=1)" taken apart: arguments by place and by name.
struct Call {
    std::string function;
    std::vector<std::string> places;
    std::map<std::string, std::string> names;

    /// The argument that stands at `place` or is called `name`.
    [[nodiscard]] std::string argument(std::size_t place, const std::string& name,
                                       const std::string& fallback) const {
        const auto named = names.find(name);
        return named != names.end()    ? named->second
               : place < places.size() ? places[place]
                                       : fallback;
    }
};

std::optional<Call> parseCall(const std::string& text) {
    const std::size_t open = text.find('(');
    Call call{text::trim(text.substr(0, open)), {}, {}};
    if (open == std::string::npos) {
        return call;
    }
    if (text.back() != ')') {
        return std::nullopt;
    }
    const std::string inside = text.substr(open + 1, text.size() - open - 2);
    for (const std::string& part : text::split(inside, ',')) {
        const std::size_t equals = part.find('=');
        if (equals != std::string::npos) {
            call.names[text::trim(part.substr(0, equals))] = text::trim(part.substr(equals + 1));
        } else if (!text::trim(part).empty()) {
            call.places.push_back(text::trim(part));
        }
    }
    return call;
}

std::optional<std::int64_t> flag(const std::string& word) {
    return word == "True" ? 1 : word == "False" ? 0 : text::parseInteger(word);
}

Error notKept(const std::string& quantizer, const std::string& what) {
    return {what, "'" + quantizer + "'",
            "use quantized_bits(bits,integer,alpha=1), quantized_relu, quantized_po2, binary or "
            "ternary"};
}

/// Fixed point of `bits` whose last bit is 2^(integer + sign - bits).
std::string fixedName(std::int64_t bits, std::int64_t integer, bool isSigned) {
    return (isSigned ? "fixed<" : "ufixed<") + std::to_string(bits) + ',' +
           std::to_string(integer + (isSigned ? 1 : 0)) + '>';
}

std::string uniformQuantizer(const quantization::UniformFormat& format, float scale) {
    int exponent = 0;
    const double step = static_cast<double>(scale) * format.step;
    if (std::frexp(step, &exponent) != 0.5 ||
        format.overflow != numerics::FixedOverflow::Saturate ||
        format.rounding != numerics::FixedRounding::NearestEven) {
        return {};
    }
    const int integer = exponent - 1 + format.bits - (format.isSigned ? 1 : 0);
    if (integer < 0 || integer > format.bits) {
        return {};
    }
    const std::string sizes = std::to_string(format.bits) + ',' + std::to_string(integer);
    if (!format.isSigned) {
        return "quantized_relu(" + sizes + ")";
    }
    return "quantized_bits(" + sizes + (format.narrow ? ",symmetric=1" : "") + ",alpha=1)";
}

std::string qkerasObstacle(const quantization::Quantizer& quantizer) {
    using numerics::Family;
    const NumberFormat& format = quantizer.format;
    const Family family = format.family();
    if (family == Family::Binary || family == Family::Ternary || family == Family::PowerOfTwo) {
        return quantizer.granularity == quantization::Granularity::Tensor
                   ? ""
                   : quantizer.name() +
                         " has scales that are not in a quantizer string; choose "
                         "@tensor";
    }
    if (family == Family::Integer) {
        return format.name() + " has a free scale, and QKeras knows powers of two; fixed<" +
               std::to_string(static_cast<int>(format.bitsPerValue())) + ",1> fits";
    }
    return qkerasQuantizer(format, 1).empty()
               ? format.name() + " has no QKeras quantizer; fixed<W,I> has one"
               : "";
}

}  // namespace

std::string qkerasQuantizer(const NumberFormat& format, float scale) {
    const std::string number = text::number(static_cast<double>(scale));
    const std::string half = text::number(static_cast<double>(scale) / 2);
    switch (format.family()) {
        case numerics::Family::Binary:
            return "binary(alpha=" + number + ")";
        case numerics::Family::Ternary:
            return "ternary(alpha=" + number + ",threshold=" + half + ")";
        case numerics::Family::PowerOfTwo:
            return "quantized_po2(" + std::to_string(static_cast<int>(format.bitsPerValue())) +
                   ",max_value=" + number + ")";
        default:
            break;
    }
    const auto uniform = quantization::uniformFormat(format);
    return uniform ? uniformQuantizer(*uniform, scale) : std::string();
}

Result<NumberFormat> formatOfQkeras(const std::string& quantizer) {
    const std::optional<Call> call = parseCall(text::trim(quantizer));
    if (!call) {
        return notKept(quantizer, "this is not a quantizer");
    }
    if (call->function == "binary" || call->function == "ternary") {
        return NumberFormat::parse(call->function);
    }
    const auto bits = text::parseInteger(call->argument(0, "bits", "8"));
    if (!bits || *bits < 2 || *bits > 16) {
        return notKept(quantizer, "the width is not 2 to 16 bits");
    }
    if (call->function == "quantized_po2") {
        return NumberFormat::parse("pow2<" + std::to_string(*bits) + ">");
    }
    const auto integer = text::parseInteger(call->argument(1, "integer", "0"));
    if (!integer || *integer < 0 || *integer > *bits) {
        return notKept(quantizer, "the integer bits are not 0 to the width");
    }
    if (call->function == "quantized_relu") {
        return NumberFormat::parse(fixedName(*bits, *integer, false));
    }
    const std::string alpha = call->argument(4, "alpha", "1");
    const auto number = text::parseNumber(alpha);
    if (call->function != "quantized_bits" || !(alpha == "None" || (number && *number == 1))) {
        return notKept(quantizer, call->function != "quantized_bits"
                                      ? "this quantizer has no number format here"
                                      : "a scale that is found in training cannot be kept");
    }
    const bool negative = flag(call->argument(3, "keep_negative", "1")).value_or(1) != 0;
    return NumberFormat::parse(fixedName(*bits, *integer, negative));
}

std::string qkerasMap(const ResolvedDesign& design) {
    ordered_json map;
    ordered_json inputs;
    for (std::size_t i = 0; i < design.network->layers.size(); ++i) {
        const std::string& name = design.network->layers[i].name;
        if (design.weights[i] && !design.assignment[i].weights->format.isIdentity()) {
            map[name] = {
                {"kernel_quantizer", qkerasQuantizer(design.assignment[i].weights->format,
                                                     design.weights[i]->scalings.front().scale)},
                {"bias_quantizer", nullptr}};
        }
        if (const auto& rounding = design.activations[i]) {
            inputs[name + "_input"] =
                qkerasQuantizer(rounding->format, rounding->options.scaling.scale);
        }
    }
    map["QActivation"] = inputs.is_null() ? ordered_json::object() : inputs;
    constexpr int kIndent = 2;
    return map.dump(kIndent) + '\n';
}

std::vector<std::string> qkerasObstacles(const Schemes& schemes) {
    return quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto) {
            return qkerasObstacle(quantizer);
        });
}

}  // namespace bitloupe::exporters
