// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/obstacles.h"

#include "core/quantization/uniform.h"

namespace bitloupe::exporters {

namespace {

using exploration::Side;
using quantization::Quantizer;

bool rounds(const std::optional<Quantizer>& quantizer) {
    return quantizer.has_value() && !quantizer->format.isIdentity();
}

std::vector<std::string> sharedWeightObstacles(const Schemes& schemes) {
    std::vector<std::string> sentences;
    const auto& layers = schemes.network.layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!layers[i].weight.empty() && layers[i].weight == layers[j].weight &&
                schemes.assignment[i].weights != schemes.assignment[j].weights) {
                sentences.push_back(layers[i].name + ": its weights " + layers[i].weight +
                                    " are shared with " + layers[j].name +
                                    ", which quantizes them differently");
            }
        }
    }
    return sentences;
}

}  // namespace

std::vector<std::string> quantizerObstacles(const Schemes& schemes,
                                            const QuantizerObstacle& obstacle) {
    std::vector<std::string> sentences = sharedWeightObstacles(schemes);
    for (std::size_t i = 0; i < schemes.assignment.size(); ++i) {
        const network::Layer& layer = schemes.network.layers[i];
        const auto ask = [&](const std::optional<Quantizer>& quantizer, Side side) {
            const std::string found = rounds(quantizer) ? obstacle(layer, *quantizer, side) : "";
            if (!found.empty()) {
                sentences.push_back(layer.name + ": " + found);
            }
        };
        ask(schemes.assignment[i].weights, Side::Weights);
        ask(schemes.assignment[i].activations, Side::Activations);
    }
    return sentences;
}

std::string integerObstacle(const Quantizer& quantizer, Side side, const std::string& carrier,
                            int mostBits) {
    const std::optional<quantization::UniformFormat> format =
        quantization::uniformFormat(quantizer.format);
    if (!format || format->bits > mostBits) {
        return quantizer.format.name() + " does not fit " + carrier + "; integers of 2 to " +
               std::to_string(mostBits) + " bits do";
    }
    if (quantizer.granularity == quantization::Granularity::Group) {
        return quantizer.name() + " has group scales, " + carrier +
               " does not; choose @channel or @tensor";
    }
    const bool rounded = format->rounding == numerics::FixedRounding::NearestEven &&
                         format->overflow == numerics::FixedOverflow::Saturate;
    if (side == Side::Activations && !rounded) {
        return quantizer.format.name() + " does not round to nearest and saturate as " + carrier +
               " does; choose rnd_conv and sat";
    }
    return {};
}

std::vector<std::string> floatSideObstacles(const Schemes& schemes, const std::string& carrier) {
    std::vector<std::string> sentences;
    for (std::size_t i = 0; i < schemes.assignment.size(); ++i) {
        const quantization::LayerScheme& scheme = schemes.assignment[i];
        const char* side = !rounds(scheme.weights)       ? "weights"
                           : !rounds(scheme.activations) ? "input"
                                                         : nullptr;
        if (side != nullptr) {
            sentences.push_back(schemes.network.layers[i].name + ": its " + side +
                                " stay in float, and " + carrier + " needs integers");
        }
    }
    return sentences;
}

}  // namespace bitloupe::exporters
