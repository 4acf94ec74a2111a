// SPDX-License-Identifier: Apache-2.0
#include "core/study/design_space.h"

#include <algorithm>
#include <cmath>

#include "core/network/layer_names.h"

namespace bitloupe::study {

using exploration::LayerChoices;
using quantization::Quantizer;

namespace {

Result<void> checkOverrides(const StudyDescription& study, const network::Network& network) {
    const std::vector<std::string> layers = network::layerNames(network.layers);
    for (const auto& [name, exception] : study.layers) {
        const Result<std::size_t> layer = network::findLayer(layers, name, "study, layers");
        if (layer.hasError()) {
            return layer.error();
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

/// Every choice without a pruning of its own once more, with this layer's share.
void addPruned(double percent, std::vector<Quantizer>& weights) {
    const std::vector<Quantizer> dense = weights;
    for (const Quantizer& quantizer : dense) {
        if (percent > 0 && percent < 100 &&
            quantizer.pruning.pattern == quantization::Pruning::Pattern::None) {
            Quantizer pruned = quantizer;
            pruned.pruning.pattern = quantization::Pruning::Pattern::Elements;
            pruned.pruning.percent = percent;
            weights.push_back(pruned);
        }
    }
}

/// The percent with the fewest digits that prunes exactly `count` of `size` weights.
double shortestPercent(double count, double size) {
    for (double digits = 1; digits < 1e12; digits *= 10) {
        const double percent = std::round(100 * count / size * digits) / digits;
        if (std::round(percent / 100 * size) == count) {
            return percent;
        }
    }
    return 100 * count / size;
}

/// What one threshold over all weights prunes of each layer, in percent; of a layer that would lose
/// everything, all but one weight.
std::vector<double> globalPercents(const StudyDescription& study, const network::Network& network) {
    std::vector<std::span<const float>> weights;
    for (const network::Layer& layer : network.layers) {
        const auto stored = network.graph->initializers.find(layer.weight);
        const bool isFloat = stored != network.graph->initializers.end() &&
                             stored->second.type() == ElementType::Float32;
        weights.push_back(isFloat ? stored->second.as<float>() : std::span<const float>());
    }
    std::vector<double> percents = quantization::globalShares(weights, study.globalPruning / 100);
    for (std::size_t i = 0; i < percents.size(); ++i) {
        const auto size = static_cast<double>(std::max<std::size_t>(1, weights[i].size()));
        percents[i] = shortestPercent(std::min(std::round(percents[i] * size), size - 1), size);
    }
    return percents;
}

}  // namespace

Result<exploration::DesignSpace> makeDesignSpace(const StudyDescription& study,
                                                 const network::Network& network) {
    const Result<void> overrides = checkOverrides(study, network);
    if (overrides.hasError()) {
        return overrides.error();
    }
    const std::vector<double> pruned = study.globalPruning > 0
                                           ? globalPercents(study, network)
                                           : std::vector<double>(network.layers.size(), 0.0);
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
        addPruned(pruned[layers.size()], weights.value());
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
