// SPDX-License-Identifier: Apache-2.0
#include "ui/models/format_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/numerics/block_format.h"
#include "core/quantization/scale_search.h"

namespace bitloupe::ui {

namespace {

using numerics::Family;

constexpr int kSteps = 240;  ///< of a curve: finer than its pixels

numerics::RoundingOptions roundingOf(const numerics::NumberFormat& format,
                                     std::span<const float> weights) {
    numerics::RoundingOptions options;
    options.narrow = format.family() == Family::Integer;
    if (weights.empty() || format.isIdentity()) {
        return options;
    }
    const quantization::Quantizer quantizer{.format = format};
    if (quantization::isUnsigned(format) && format.family() == Family::Integer) {
        const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
        options.scaling = quantization::affineScalingFor(weights, *low, *high, quantizer);
    } else {
        options.scaling = quantization::symmetricScaling(weights, quantizer, options.narrow);
    }
    return options;
}

bool waitsForData(const numerics::NumberFormat& format, std::span<const float> weights) {
    return format.family() == Family::Multipoint ||
           (format.family() == Family::Codebook && weights.empty());
}

}  // namespace

std::vector<float> weightsOf(const network::Network& network, const network::Layer& layer) {
    const auto& tensors = network.graph->initializers;
    const auto found = tensors.find(layer.weight);
    if (found == tensors.end() || found->second.type() != ElementType::Float32) {
        return {};
    }
    std::vector<float> weights = quantization::evenSample(found->second.as<float>(), kFigureSample);
    std::erase_if(weights, [](float weight) { return !std::isfinite(weight); });
    return weights;
}

FormatFigures figuresOf(const numerics::NumberFormat& format, std::span<const float> weights) {
    return figuresOf(format, weights, roundingOf(format, weights));
}

FormatFigures figuresOf(const numerics::NumberFormat& format, std::span<const float> values,
                        const numerics::RoundingOptions& options) {
    FormatFigures figures{format, options, 1, {}, {}};
    if (!waitsForData(format, values) && !format.isIdentity()) {
        figures.values = numerics::scaledValues(format, values, figures.options);
    }
    if (values.empty()) {
        return figures;
    }
    if (const auto* block = std::get_if<numerics::BlockParameters>(&format.parameters())) {
        figures.blockScale = numerics::blockScale(*block, values);
        for (float& value : figures.values) {
            value *= figures.blockScale;
        }
    }
    figures.loss = numerics::lossOnData(format, values, figures.options);
    return figures;
}

MagnitudeRange magnitudesOf(std::span<const FormatFigures> figures) {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = 0;
    for (const FormatFigures& one : figures) {
        for (const float value : one.values) {
            const double magnitude = std::abs(static_cast<double>(value));
            if (magnitude > 0) {
                lowest = std::min(lowest, magnitude);
                highest = std::max(highest, magnitude);
            }
        }
    }
    if (highest <= 0) {
        return {};
    }
    constexpr double kFarthest = 1e12;
    return {std::clamp(lowest / 2, 1 / kFarthest, kFarthest / 4),
            std::clamp(highest * 2, 4 / kFarthest, kFarthest)};
}

std::vector<numerics::AccuracyPoint> accuracyOf(const FormatFigures& figures,
                                                const MagnitudeRange& range,
                                                std::span<const float> weights) {
    if (waitsForData(figures.format, weights)) {
        return {};
    }
    numerics::RoundingOptions options = figures.options;
    if (figures.blockScale > 0) {
        options.scaling.scale *= figures.blockScale;
    }
    return numerics::accuracyOverMagnitude(figures.format, range.lowest, range.highest, kSteps,
                                           weights, options);
}

}  // namespace bitloupe::ui
