// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/encodings.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using nlohmann::ordered_json;

/// A quantizer as both schemas see it.
struct Encoding {
    std::string name;
    quantization::UniformFormat format;
    std::vector<float> scales;
    std::vector<std::int64_t> zeroPoints;
    bool symmetric = false;
    int axis = -1;  ///< of the channels; negative: per tensor
};

/// Version 1.0.0 counts codes from zero: a zero point z of unsigned codes is the offset -z.
ordered_json encodeV1(const Encoding& encoding) {
    const int bits = encoding.format.bits;
    const std::int64_t shift =
        encoding.format.isSigned ? std::int64_t{1} << static_cast<unsigned>(bits - 1) : 0;
    ordered_json offsets = ordered_json::array();
    for (const std::int64_t zero : encoding.zeroPoints) {
        offsets.push_back(-(zero + shift));
    }
    return {{"name", encoding.name},
            {"dtype", "INT"},
            {"enc_type", encoding.axis < 0 ? "PER_TENSOR" : "PER_CHANNEL"},
            {"bw", bits},
            {"is_sym", encoding.symmetric},
            {"scale", encoding.scales},
            {"offset", offsets}};
}

ordered_json encodeV2(const Encoding& encoding) {
    ordered_json entry = {{"name", encoding.name}, {"output_dtype", encoding.format.integerName()}};
    const bool shifted = std::any_of(encoding.zeroPoints.begin(), encoding.zeroPoints.end(),
                                     [](std::int64_t zero) { return zero != 0; });
    const ordered_json scales = encoding.scales;
    const ordered_json zeroPoints = encoding.zeroPoints;
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
            const quantization::UniformActivation input =
                uniformActivation(*design.activations[i]).value();
            found.activations.push_back(
                {layers[i].input, input.format, {input.scale}, {input.zeroPoint}, false, -1});
        }
        const bool rounded =
            design.weights[i].has_value() && !design.assignment[i].weights->format.isIdentity();
        if (rounded && seen.insert(layers[i].weight).second) {
            const quantization::UniformWeights weights =
                uniformWeights(*design.assignment[i].weights, *design.weights[i]).value();
            found.parameters.push_back({layers[i].weight, weights.format, weights.scales,
                                        weights.zeroPoints, weights.symmetric(),
                                        weights.perTensor() ? -1 : weights.channelAxis});
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

std::vector<std::string> encodingsObstacles(const Schemes& schemes) {
    constexpr int kMostBits = 32;
    std::vector<std::string> sentences = quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto side) {
            return integerObstacle(quantizer, side, "an encoding", kMostBits);
        });
    const auto& layers = schemes.network.layers;
    const exploration::Assignment& chosen = schemes.assignment;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (layers[i].input == layers[j].input && chosen[i].activations &&
                chosen[j].activations && chosen[i].activations != chosen[j].activations) {
                sentences.push_back(layers[i].name + ": its input " + layers[i].input +
                                    " is rounded differently for " + layers[j].name +
                                    ", and a tensor has one encoding");
            }
        }
    }
    return sentences;
}

}  // namespace bitloupe::exporters
