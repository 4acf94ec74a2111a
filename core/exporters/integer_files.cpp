// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_files.h"

#include <algorithm>
#include <cmath>

#include "core/base/npy.h"
#include "core/base/text.h"
#include "core/execution/stored_constants.h"
#include "core/exporters/integer_text.h"
#include "core/quantization/integer/build_integer_network.h"

namespace bitloupe::exporters {

using quantization::IntegerAdd;
using quantization::IntegerClamp;
using quantization::IntegerGather;
using quantization::IntegerLayer;
using quantization::IntegerNetwork;
using quantization::IntegerPool;
using quantization::IntegerStep;
using quantization::Multiplier;
using quantization::PerChannel;
using quantization::WindowSizes;

namespace {

constexpr int kMostBits = 16;

template <typename Values>
std::string words(const Values& values) {
    std::string line;
    for (const auto value : values) {
        line += ' ' + text::number(static_cast<double>(value));
    }
    return line;
}

std::string windowText(const WindowSizes& window) {
    return " plane" + words(window.input) + " kernel" + words(window.kernel) + " strides" +
           words(window.strides) + " pads" + words(window.pads) + " dilations" +
           words(window.dilations) + " makes_plane" + words(window.output);
}

/// ` PREFIXmultiplier ... PREFIXshift ... PREFIXrepeat N`, with `separator` between.
std::string factorsText(const PerChannel<Multiplier>& factors, const std::string& prefix,
                        const std::string& separator) {
    const auto value = [](const Multiplier& factor) { return factor.value; };
    const auto shift = [](const Multiplier& factor) { return factor.shift; };
    return separator + prefix + "multiplier" + words(factors.mapped(value).values) + separator +
           prefix + "shift" + words(factors.mapped(shift).values) + separator + prefix + "repeat " +
           std::to_string(factors.repeat);
}

/// A step after its name and edges.
struct SettingsText {
    std::string operator()(const IntegerLayer& layer) const {
        return layer.window ? windowText(*layer.window) + " group " + std::to_string(layer.groups)
                            : " rows " + std::to_string(layer.rows);
    }
    std::string operator()(const IntegerClamp& clamp) const {
        const std::size_t repeat = clamp.low.empty() ? clamp.high.repeat : clamp.low.repeat;
        return (clamp.low.empty() ? "" : " low" + words(clamp.low.values)) +
               (clamp.high.empty() ? "" : " high" + words(clamp.high.values)) + " repeat " +
               std::to_string(repeat);
    }
    std::string operator()(const IntegerPool& pool) const {
        return " channels " + std::to_string(pool.channels) + windowText(pool.window) + " shift " +
               std::to_string(pool.shift);
    }
    std::string operator()(const IntegerAdd& add) const {
        return factorsText(add.left, "left_", " ") + factorsText(add.right, "right_", " ");
    }
    std::string operator()(const IntegerGather& gather) const {
        return gather.from.empty() ? "" : " from" + words(gather.from);
    }
};

struct NameOf {
    std::string operator()(const IntegerLayer& layer) const {
        return std::string(layer.window ? "conv " : "dense ") + integerFileName(layer.name);
    }
    std::string operator()(const IntegerClamp& /*clamp*/) const { return "clamp"; }
    std::string operator()(const IntegerPool& pool) const {
        return pool.kind == IntegerPool::Kind::Maximum ? "max_pool" : "sum_pool";
    }
    std::string operator()(const IntegerAdd& /*add*/) const { return "add"; }
    std::string operator()(const IntegerGather& /*gather*/) const { return "gather"; }
};

std::string programText(const IntegerNetwork& network) {
    std::string out = std::string(kIntegerHeader) + "\ninput" + words(network.input) + '\n';
    for (const IntegerStep& step : network.steps) {
        out += std::visit(NameOf(), step.work) + " reads" + words(step.inputs) + " makes " +
               std::to_string(step.output) + std::visit(SettingsText(), step.work) + '\n';
    }
    out += "output";
    if (!network.outputFactors.empty()) {
        out += factorsText(network.outputFactors, "", " ");
    }
    return out + "\noutput_scale " + text::number(network.outputScale) + '\n';
}

std::string weightText(const IntegerLayer& layer, const std::vector<std::int32_t>& codes) {
    std::string out = "# shape" + words(layer.codes.shape) + '\n';
    for (std::size_t i = 0; i < codes.size(); ++i) {
        out += std::to_string(codes[i]);
        out += (i + 1) % layer.length == 0 ? '\n' : ' ';
    }
    return out;
}

std::string scaleText(const IntegerLayer& layer) {
    const auto& input = layer.input;
    return "input_scale " + text::number(static_cast<double>(input.scale)) + "\ninput_zero_point " +
           std::to_string(input.zeroPoint) + "\ninput_codes " +
           std::to_string(input.codes.least + input.zeroPoint) + ' ' +
           std::to_string(input.codes.most + input.zeroPoint) +
           (input.fromReal ? "" : factorsText(input.factors, "input_", "\n")) + "\nweight_bits " +
           std::to_string(layer.codes.bits) + "\nweight_signed " +
           (layer.codes.isSigned ? "1" : "0") + "\nweight_scale" + words(layer.codes.scales) +
           "\nweight_zero_point" + words(layer.codes.zeroPoints) + "\nfraction_bits " +
           std::to_string(layer.fractionBits) + '\n';
}

/// The codes as they are stored, zero points included.
std::vector<std::int32_t> storedCodes(const IntegerLayer& layer) {
    std::vector<std::int32_t> codes = layer.weights;
    const auto& zeros = layer.codes.zeroPoints;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] += static_cast<std::int32_t>(zeros[zeros.size() == 1 ? 0 : i / layer.length]);
    }
    return codes;
}

std::string weightNpy(const IntegerLayer& layer, const std::vector<std::int32_t>& codes) {
    const Shape& shape = layer.codes.shape;
    if (layer.codes.bits > 8) {
        return npyBytes(Array::of(shape, codes));
    }
    if (layer.codes.isSigned) {
        return npyBytes(Array::of(shape, std::vector<std::int8_t>(codes.begin(), codes.end())));
    }
    return npyBytes(Array::of(shape, std::vector<std::uint8_t>(codes.begin(), codes.end())));
}

void addLayerFiles(const IntegerLayer& layer, std::map<std::string, std::string>& files) {
    const std::string name = integerFileName(layer.name);
    const std::vector<std::int32_t> codes = storedCodes(layer);
    files[name + ".weight.txt"] = weightText(layer, codes);
    files[name + ".weight.npy"] = weightNpy(layer, codes);
    std::string& bias = files[name + ".bias.txt"];
    for (const std::int64_t value : layer.bias) {
        bias += std::to_string(value) + '\n';
    }
    files[name + ".bias.npy"] =
        npyBytes(Array::of({static_cast<std::int64_t>(layer.bias.size())},
                           std::vector<std::int32_t>(layer.bias.begin(), layer.bias.end())));
    files[name + "_scale_zero.txt"] = scaleText(layer);
}

}  // namespace

std::vector<std::string> integerNetworkObstacles(const Schemes& schemes) {
    std::vector<std::string> sentences = quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto side) {
            return integerObstacle(quantizer, side, "integer arithmetic", kMostBits);
        });
    for (std::string& sentence : floatSideObstacles(schemes, "integer arithmetic")) {
        sentences.push_back(std::move(sentence));
    }
    if (const auto obstacle =
            quantization::integerObstacle(execution::withStoredConstants(schemes.network))) {
        sentences.push_back(obstacle->where + ": " + obstacle->what);
    }
    return sentences;
}

Result<IntegerNetwork> buildIntegerNetwork(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = integerNetworkObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit integer arithmetic", reasons.front(),
                     "change that layer or choose another export"};
    }
    Result<IntegerNetwork> network = quantization::integerNetwork(
        execution::withStoredConstants(*design.network), design.weights, design.activations,
        Multiplier::Kind::Gemmlowp);
    if (network.hasError()) {
        return network;
    }
    for (const IntegerStep& step : network.value().steps) {
        const auto* layer = std::get_if<IntegerLayer>(&step.work);
        if (layer != nullptr && layer->worst.bits() > 31) {
            return Error{"its sums do not fit 32 bits", "layer " + layer->name,
                         "use fewer bits there or choose another export"};
        }
    }
    return network;
}

std::map<std::string, std::string> integerFiles(const IntegerNetwork& network) {
    std::map<std::string, std::string> files = {{"network.txt", programText(network)}};
    for (const IntegerStep& step : network.steps) {
        if (const auto* layer = std::get_if<IntegerLayer>(&step.work)) {
            addLayerFiles(*layer, files);
        }
    }
    return files;
}

}  // namespace bitloupe::exporters
