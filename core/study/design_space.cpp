// SPDX-License-Identifier: Apache-2.0
#include "core/study/design_space.h"

#include <algorithm>

#include "core/base/text.h"

namespace bitloupe::study {

using exploration::LayerChoices;
using quantization::Quantizer;

namespace {

Result<void> checkOverrides(const StudyDescription& study, const network::Network& network) {
    std::vector<std::string> names;
    for (const network::Layer& layer : network.layers) {
        names.push_back(layer.name);
    }
    for (const auto& [name, exception] : study.layers) {
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            const std::string near = text::nearest(name, names);
            return Error{"the network has no layer `" + name + "`", "study, layers",
                         near.empty() ? "its layers are " + text::join(names, ", ")
                                      : "did you mean `" + near + "`?"};
        }
    }
    return {};
}

/// `names` instead of `all` when there are any; "float" alone means none.
Result<std::vector<Quantizer>> choose(const std::vector<Quantizer>& all,
                                      const std::vector<std::string>& names,
                                      const std::string& layer) {
    if (names.empty()) {
        return all;
    }
    std::vector<Quantizer> chosen;
    for (const std::string& name : names) {
        if (name == "float") {
            continue;
        }
        Result<Quantizer> quantizer = Quantizer::parse(name);
        if (quantizer.hasError()) {
            return quantizer.error().within("study, layers, " + layer);
        }
        chosen.push_back(std::move(quantizer).value());
    }
    return chosen;
}

}  // namespace

Result<exploration::DesignSpace> makeDesignSpace(const StudyDescription& study,
                                                 const network::Network& network) {
    const Result<void> overrides = checkOverrides(study, network);
    if (overrides.hasError()) {
        return overrides.error();
    }
    std::vector<LayerChoices> layers;
    for (const network::Layer& layer : network.layers) {
        const auto found = study.layers.find(layer.name);
        const LayerOverride exception =
            found == study.layers.end() ? LayerOverride{} : found->second;
        Result<std::vector<Quantizer>> weights =
            choose(study.weights, exception.weights, layer.name);
        Result<std::vector<Quantizer>> activations =
            choose(study.activations, exception.activations, layer.name);
        if (weights.hasError() || activations.hasError()) {
            return weights.hasError() ? weights.error() : activations.error();
        }
        if (layer.weight.empty()) {
            weights.value().clear();
        }
        if (layer.input.empty()) {
            activations.value().clear();
        }
        layers.push_back({.layer = layer.name,
                          .weights = std::move(weights).value(),
                          .activations = std::move(activations).value()});
    }
    if (study.accelerators.empty()) {
        return Error{"the study considers no array", "study, accelerator", "add one"};
    }
    return exploration::DesignSpace(std::move(layers), study.accelerators);
}

}  // namespace bitloupe::study
