// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/script_quantizers.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/exporters/script_operators.h"
#include "core/numerics/block_format.h"
#include "core/numerics/scalar_rounding.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::exporters {

namespace {

using numerics::FixedOverflow;
using numerics::FixedRounding;

/// Finite floats as integers in the same order.
std::int64_t ordinal(float value) {
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits >= 0 ? bits : -static_cast<std::int64_t>(bits & 0x7FFFFFFF);
}
float floatAt(std::int64_t ordinal) {
    const auto bits = static_cast<std::uint32_t>(ordinal < 0 ? -ordinal : ordinal);
    return std::bit_cast<float>(ordinal < 0 ? bits | 0x80000000U : bits);
}

Array floats(const std::vector<float>& values) {
    return Array::of({static_cast<std::int64_t>(values.size())}, values);
}

/// The shape that a value per channel needs to be multiplied onto the weights.
Shape perChannelShape(const quantization::QuantizedWeights& weights) {
    Shape shape(weights.values.shape().size(), 1);
    if (weights.scalings.size() > 1) {
        shape[static_cast<std::size_t>(weights.channelAxis)] =
            static_cast<std::int64_t>(weights.scalings.size());
    }
    return shape;
}

bool isHalf(const numerics::NumberFormat& format) {
    return format.name() == "fp16" || format.name() == "bf16";
}

}  // namespace

StepTable stepTable(const std::function<float(float)>& round) {
    constexpr float kMost = std::numeric_limits<float>::max();
    StepTable table;
    std::int64_t at = ordinal(-kMost);
    const std::int64_t end = ordinal(kMost);
    table.values.push_back(round(-kMost));
    while (round(floatAt(end)) != table.values.back()) {
        // Strides double until a value changes, then halve until its border is found.
        std::int64_t step = 1;
        while (at + step < end && round(floatAt(at + step)) == table.values.back()) {
            step *= 2;
        }
        std::int64_t high = std::min(at + step, end);
        std::int64_t low = at;
        while (high - low > 1) {
            const std::int64_t middle = low + (high - low) / 2;
            (round(floatAt(middle)) == table.values.back() ? low : high) = middle;
        }
        table.borders.push_back(floatAt(high));
        table.values.push_back(round(floatAt(high)));
        at = high;
    }
    return table;
}

std::string ScriptQuantizers::assign(const std::string& name, const std::string& expression) {
    m_lines.push_back(name + " = " + expression);
    return name;
}

std::string ScriptQuantizers::buffer(const std::string& name, const Array& array) {
    m_buffers.emplace(name, array);
    return "self." + name;
}

std::string ScriptQuantizers::uniform(const std::string& input, const std::string& name,
                                      const quantization::UniformActivation& activation) {
    const quantization::UniformFormat& format = activation.format;
    const std::string scale = scriptNumber(static_cast<double>(activation.scale));
    const std::string low = std::to_string(format.lowest());
    const std::string high = std::to_string(format.highest());
    if (format.rounding == FixedRounding::NearestEven &&
        format.overflow == FixedOverflow::Saturate) {
        return assign(name, "torch.fake_quantize_per_tensor_affine(" + input + ", " + scale + ", " +
                                std::to_string(activation.zeroPoint) + ", " + low + ", " + high +
                                ")");
    }
    const std::string quotient = input + " / " + scale;
    const std::string code =
        format.rounding == FixedRounding::Floor        ? "torch.floor(" + quotient + ")"
        : format.rounding == FixedRounding::TowardZero ? "torch.trunc(" + quotient + ")"
        : format.rounding == FixedRounding::HalfUp     ? "torch.floor(" + quotient + " + 0.5)"
                                                       : "torch.round(" + quotient + ")";
    const std::string codes = assign(name + "_code", code);
    const std::int64_t count = format.highest() - format.lowest() + 1;
    const std::string kept = format.overflow == FixedOverflow::Saturate
                                 ? "torch.clamp(" + codes + ", " + low + ", " + high + ")"
                                 : "(torch.remainder(" + codes + " - (" + low + "), " +
                                       std::to_string(count) + ") + (" + low + "))";
    return assign(name, kept + " * " + scale);
}

std::string ScriptQuantizers::lookUp(const std::string& input, const std::string& name,
                                     const std::function<float(float)>& round) {
    const StepTable table = stepTable(round);
    if (table.borders.empty()) {
        return assign(name,
                      input + " * 0. + " + scriptNumber(static_cast<double>(table.values[0])));
    }
    const std::string borders = buffer(name + "_borders", floats(table.borders));
    const std::string values = buffer(name + "_values", floats(table.values));
    const std::string place = assign(name + "_place", "torch.bucketize(" + input + ", " + borders +
                                                          ", out_int32=False, right=True)");
    return assign(name, "torch.reshape(torch.index_select(" + values + ", 0, torch.flatten(" +
                            place + ")), " + place + ".size())");
}

std::string ScriptQuantizers::blocks(const std::string& input, const std::string& name,
                                     const quantization::ActivationRounding& rounding) {
    const auto& format = std::get<numerics::BlockParameters>(rounding.format.parameters());
    const std::string size = std::to_string(format.blockSize);
    const std::string tensorScale =
        scriptNumber(static_cast<double>(rounding.options.scaling.scale));
    const std::string flat =
        assign(name + "_flat", "torch.flatten(" + input + " / " + tensorScale + ", 1)");
    const std::string filled =
        assign(name + "_filled", "torch.constant_pad_nd(" + flat + ", [0, (" + size + " - " + flat +
                                     ".size(1) % " + size + ") % " + size + "], 0.)");
    const std::string block = assign(
        name + "_block", "torch.reshape(" + filled + ", [" + flat + ".size(0), -1, " + size + "])");
    const std::string most =
        assign(name + "_most", "torch.amax(torch.abs(" + block + "), [2], True)");
    const double largest = numerics::largestValue(format.element);
    std::string shared;
    if (format.scale == numerics::BlockScale::Fp8E4M3) {
        const numerics::ScalarParameters fp8 =
            numerics::FloatParameters{4, 3, numerics::FloatSpecials::Fn, true};
        const std::string rounded =
            lookUp(most + " / " + scriptNumber(largest), name + "_scale", [fp8](float x) {
                numerics::roundScalars(fp8, {&x, 1}, {&x, 1}, {});
                return x + 0.0F;
            });
        shared = rounded;
    } else {
        // floor(log2(most)) is the exponent of frexp less one; a block of zeros gets the least.
        const std::string exponent =
            assign(name + "_exponent",
                   "torch.clamp(torch.where(" + most + " > 0, torch.frexp(" + most + ")[1] - " +
                       std::to_string(1 + std::ilogb(largest)) + ", -127), -127, 127)");
        shared =
            assign(name + "_scale", "torch.ldexp(torch.ones_like(" + most + "), " + exponent + ")");
    }
    const std::string divisor =
        assign(name + "_divisor",
               "torch.where(" + shared + " > 0, " + shared + ", torch.ones_like(" + shared + "))");
    const bool narrow = format.narrow;
    const std::string element =
        lookUp(block + " / " + divisor, name + "_element", [&format, narrow](float x) {
            numerics::RoundingOptions options;
            options.narrow = narrow;
            numerics::roundScalars(format.element, {&x, 1}, {&x, 1}, options);
            return x + 0.0F;
        });
    const std::string back = assign(
        name + "_back", "torch.flatten(" + element + " * " + shared + " * " + tensorScale + ", 1)");
    return assign(name, "torch.reshape(torch.slice(" + back + ", 1, 0, " + flat + ".size(1)), " +
                            input + ".size())");
}

std::string ScriptQuantizers::activation(const std::string& input, const std::string& name,
                                         const quantization::ActivationRounding& rounding) {
    if (const auto known = uniformActivation(rounding)) {
        return uniform(input, name, *known);
    }
    if (rounding.format.family() == numerics::Family::Microscaling) {
        return blocks(input, name, rounding);
    }
    if (isHalf(rounding.format)) {
        const std::string most = scriptNumber(rounding.format.maxValue());
        const std::string type = rounding.format.name() == "fp16" ? "5" : "15";  // at::ScalarType
        return assign(name, "torch.to(torch.to(torch.clamp(" + input + ", -" + most + ", " + most +
                                "), " + type + "), 6)");
    }
    return lookUp(input, name, [&rounding](float x) {
        rounding.apply({&x, 1}, {&x, 1});
        return x + 0.0F;  // one zero
    });
}

std::string ScriptQuantizers::weights(const std::string& name,
                                      const quantization::Quantizer& quantizer,
                                      const quantization::QuantizedWeights& weights) {
    const CodedWeights coded = codedWeights(quantizer, weights);
    const bool grouped = quantizer.granularity == quantization::Granularity::Group;
    const auto known = uniformWeights(quantizer, weights);
    if (known && !grouped) {
        const std::string stored = buffer(name, weights.values);
        const std::string range = std::to_string(known->format.lowest()) + ", " +
                                  std::to_string(known->format.highest()) + ")";
        if (known->perTensor()) {
            return assign(name, "torch.fake_quantize_per_tensor_affine(" + stored + ", " +
                                    scriptNumber(static_cast<double>(known->scales[0])) + ", " +
                                    std::to_string(known->zeroPoints[0]) + ", " + range);
        }
        const std::string scales = buffer(name + "_scale", floats(known->scales));
        const std::string zeros =
            buffer(name + "_zero", floats({known->zeroPoints.begin(), known->zeroPoints.end()}));
        return assign(name, "torch.fake_quantize_per_channel_affine(" + stored + ", " + scales +
                                ", " + zeros + ", " + std::to_string(known->channelAxis) + ", " +
                                range);
    }
    constexpr int kByte = 8;
    if (!grouped && !coded.table.empty() && coded.bits <= kByte) {
        const Shape& shape = weights.values.shape();
        const std::string codes = buffer(
            name + "_codes",
            Array::of(shape, std::vector<std::uint8_t>(coded.codes.begin(), coded.codes.end())));
        std::vector<float> values = coded.table;
        for (float& value : values) {
            value = std::isnan(value) ? 0 : value;  // codes that no weight has
        }
        const std::string table = buffer(name + "_table", floats(values));
        const std::string scales = buffer(
            name + "_scale",
            Array::of(coded.scales.size() > 1 ? perChannelShape(weights) : Shape{}, coded.scales));
        return assign(name, "torch.reshape(torch.index_select(" + table +
                                ", 0, torch.to(torch.flatten(" + codes + "), 3)), " +
                                scriptList(shape) + ") * " + scales);
    }
    return assign(name, buffer(name, weights.values));
}

}  // namespace bitloupe::exporters
