// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/tensor_quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantization/posit_scale.h"
#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

using numerics::Family;

namespace {

ActivationRounding withClippedShare(ActivationRounding rounding,
                                    const ValueStatistics& statistics) {
    rounding.clippedShare = clippedShare(rounding.format, statistics.sample, rounding.options);
    return rounding;
}

}  // namespace

Result<ActivationRounding> chooseActivationRounding(const ValueStatistics& statistics,
                                                    const Quantizer& quantizer) {
    const numerics::NumberFormat& format = quantizer.format;
    const std::string where = "quantizer " + quantizer.name();
    if (quantizer.granularity != Granularity::Tensor) {
        return Error{"activations have one scale for the whole tensor", where, "leave out the @"};
    }
    if (format.family() == Family::Codebook || format.family() == Family::Multipoint) {
        return Error{"codebooks and multipoint formats are fitted to weights", where,
                     "choose another format for the activations"};
    }
    if (!std::isfinite(statistics.minimum) || !std::isfinite(statistics.maximum)) {
        return Error{"the calibration saw a value that is not a finite number", where,
                     "check the data and its scaling"};
    }
    if (quantizer.hasWeightMethods()) {
        return Error{"rounding methods, bias correction and pruning are for weights", where,
                     "leave out what stands behind + and ~"};
    }
    ActivationRounding rounding{.format = format, .options = {}};
    const bool moving = quantizer.range == RangeRule::MovingAverage;
    const float minimum = moving ? statistics.movingMinimum : statistics.minimum;
    const float maximum = moving ? statistics.movingMaximum : statistics.maximum;
    if (format.family() == Family::Integer) {
        rounding.options.scaling = affineScalingFor(statistics.sample, minimum, maximum, quantizer);
        return withClippedShare(std::move(rounding), statistics);
    }
    if (quantizer.range == RangeRule::Entropy) {
        return Error{"the entropy rule needs an integer format", where,
                     "use /mse with this format"};
    }
    std::vector<float> values = moving ? std::vector<float>() : statistics.sample;
    values.push_back(minimum);
    values.push_back(maximum);
    if (quantizer.range == RangeRule::Sweep) {
        const FormatAndScale swept = sweepScale(values, format);
        rounding.format = swept.format;
        rounding.options.scaling.scale = static_cast<float>(swept.scale);
    } else {
        rounding.options.scaling = symmetricScaling(values, quantizer, false);
    }
    return withClippedShare(std::move(rounding), statistics);
}

double sqnrDb(std::span<const float> original, std::span<const float> rounded) {
    double signal = 0;
    double noise = 0;
    for (std::size_t i = 0; i < original.size(); ++i) {
        const auto value = static_cast<double>(original[i]);
        const double difference = value - static_cast<double>(rounded[i]);
        signal += value * value;
        noise += difference * difference;
    }
    if (noise == 0) {
        return std::numeric_limits<double>::infinity();
    }
    return 10 * std::log10(signal / noise);
}

}  // namespace bitloupe::quantization
