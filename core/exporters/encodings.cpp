// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/encodings.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/exporters/insert_quantizers.h"

namespace bitloupe::exporters {

namespace {

using nlohmann::ordered_json;
using numerics::NumberFormat;
using numerics::Scaling;

/// A quantizer as both schemas see it.
struct Encoding {
    std::string name;
    NumberFormat format;
    std::vector<Scaling> scalings;
    bool symmetric = false;
    int axis = -1;  ///< of the channels; negative: per tensor
};

/// Version 1.0.0 counts codes from zero: a zero point z of unsigned codes is the offset -z.
ordered_json encodeV1(const Encoding& encoding) {
    const int bits = static_cast<int>(encoding.format.bitsPerValue());
    const std::int64_t shift =
        isUnsigned(encoding.format) ? 0 : std::int64_t{1} << static_cast<unsigned>(bits - 1);
    ordered_json scales = ordered_json::array();
    ordered_json offsets = ordered_json::array();
    for (const Scaling& scaling : encoding.scalings) {
        scales.push_back(scaling.scale);
        offsets.push_back(-(std::llround(scaling.zeroPoint) + shift));
    }
    return {{"name", encoding.name},
            {"dtype", "INT"},
            {"enc_type", encoding.axis < 0 ? "PER_TENSOR" : "PER_CHANNEL"},
            {"bw", bits},
            {"is_sym", encoding.symmetric},
            {"scale", scales},
            {"offset", offsets}};
}

ordered_json encodeV2(const Encoding& encoding) {
    const int bits = static_cast<int>(encoding.format.bitsPerValue());
    ordered_json entry = {
        {"name", encoding.name},
        {"output_dtype", (isUnsigned(encoding.format) ? "uint" : "int") + std::to_string(bits)}};
    ordered_json scales = ordered_json::array();
    ordered_json zeroPoints = ordered_json::array();
    bool shifted = false;
    for (const Scaling& scaling : encoding.scalings) {
        scales.push_back(scaling.scale);
        zeroPoints.push_back(std::llround(scaling.zeroPoint));
        shifted = shifted || scaling.zeroPoint != 0;
    }
    const bool perTensor = encoding.axis < 0;
    entry["y_scale"] = perTensor ? scales.front() : scales;
    if (shifted) {
        entry["y_zero_point"] = perTensor ? zeroPoints.front() : zeroPoints;
    }
    if (!perTensor) {
        entry["axis"] = encoding.axis;
    }
    return entry;
}

struct Encodings {
    std::vector<Encoding> activations;
    std::vector<Encoding> parameters;
};

Encodings collect(const ResolvedDesign& design) {
    Encodings found;
    std::set<std::string> seen;
    const auto& layers = design.network->layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (design.activations[i].has_value() && seen.insert(layers[i].input).second) {
            const auto& rounding = *design.activations[i];
            found.activations.push_back(
                {layers[i].input, rounding.format, {rounding.options.scaling}, false, -1});
        }
        if (design.weights[i].has_value() && seen.insert(layers[i].weight).second) {
            const auto& weights = *design.weights[i];
            const int axis = weights.scalings.size() > 1 ? weights.channelAxis : -1;
            found.parameters.push_back({layers[i].weight, design.assignment[i].weights->format,
                                        weights.scalings, true, axis});
        }
    }
    return found;
}

ordered_json encodeAll(const std::vector<Encoding>& encodings, EncodingsVersion version) {
    ordered_json list = ordered_json::array();
    for (const Encoding& encoding : encodings) {
        list.push_back(version == EncodingsVersion::V1 ? encodeV1(encoding) : encodeV2(encoding));
    }
    return list;
}

}  // namespace

std::string encodingsJson(const ResolvedDesign& design, EncodingsVersion version) {
    const Encodings found = collect(design);
    ordered_json document;
    if (version == EncodingsVersion::V1) {
        document = {{"version", "1.0.0"},
                    {"activation_encodings", encodeAll(found.activations, version)},
                    {"param_encodings", encodeAll(found.parameters, version)},
                    {"excluded_layers", ordered_json::array()},
                    {"producer", "Bitloupe"}};
    } else {
        ordered_json all = encodeAll(found.activations, version);
        for (ordered_json& entry : encodeAll(found.parameters, version)) {
            all.push_back(std::move(entry));
        }
        document = {{"version", "2.0.0"}, {"encodings", std::move(all)}, {"producer", "Bitloupe"}};
    }
    constexpr int kIndent = 2;
    return document.dump(kIndent) + "\n";
}

std::vector<std::string> encodingsObstacles(const ResolvedDesign& design) {
    std::vector<std::string> sentences = integerObstacles(design, "an encoding", 32);
    const auto& layers = design.network->layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (layers[i].input == layers[j].input && design.activations[i].has_value() &&
                design.activations[j].has_value() &&
                design.assignment[i].activations != design.assignment[j].activations) {
                sentences.push_back(layers[i].name + ": its input " + layers[i].input +
                                    " is rounded differently for " + layers[j].name +
                                    ", and a tensor has one encoding");
            }
        }
    }
    return sentences;
}

}  // namespace bitloupe::exporters
