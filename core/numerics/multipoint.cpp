// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/multipoint.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "core/numerics/scalar_rounding.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

void roundAt(const ScalarParameters& format, float scale, std::span<const float> in,
             std::span<float> out) {
    RoundingOptions options;
    options.narrow = true;
    options.scaling.scale = scale;
    roundScalars(format, in, out, options);
}

double squaredError(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = static_cast<double>(a[i]) - b[i];
        sum += difference * difference;
    }
    return sum;
}

/// Factors on (largest magnitude / largest value): down to a fifth, which clips; formats with a
/// wide range are also tried with the data lower in it, where their values lie closer.
std::vector<double> scaleFactors(const ScalarParameters& format) {
    constexpr int kSteps = 60;
    const double range = largestValue(format) / smallestPositive(format);
    const bool isWide = range > 256 && codeBits(format) < 16;
    constexpr int kStepsPerOctave = 8;
    const int wideSteps = isWide ? kStepsPerOctave * (std::ilogb(largestValue(format)) + 1) : 0;
    std::vector<double> factors;
    factors.reserve(static_cast<std::size_t>(kSteps + wideSteps));
    for (int i = 0; i < kSteps; ++i) {
        factors.push_back(1.0 - 0.8 * i / kSteps);
    }
    for (int i = 1; i <= wideSteps; ++i) {
        factors.push_back(std::exp2(static_cast<double>(i) / kStepsPerOctave));
    }
    return factors;
}

}  // namespace

float leastErrorScale(const ScalarParameters& format, std::span<const float> data) {
    std::vector<float> finite;
    std::copy_if(data.begin(), data.end(), std::back_inserter(finite),
                 [](float x) { return std::isfinite(x); });
    double largest = 0;
    for (const float value : finite) {
        largest = std::max(largest, std::abs(static_cast<double>(value)));
    }
    const double base = largest / largestValue(format);
    std::vector<float> rounded(finite.size());
    float best = 1;
    double bestError = std::numeric_limits<double>::infinity();
    for (const double factor : scaleFactors(format)) {
        const auto scale = static_cast<float>(base * factor);
        if (!(scale > 0) || !std::isfinite(scale)) {
            continue;
        }
        roundAt(format, scale, finite, rounded);
        const double error = squaredError(finite, rounded);
        if (error < bestError) {
            bestError = error;
            best = scale;
        }
    }
    return best;
}

MultipointFit fitMultipoint(const ScalarParameters& format, std::span<const float> vector,
                            int terms) {
    MultipointFit fit;
    fit.reconstruction.assign(vector.size(), 0.0F);
    std::vector<float> left(vector.begin(), vector.end());
    std::vector<float> term(vector.size());
    for (int i = 0; i < terms; ++i) {
        if (std::all_of(left.begin(), left.end(), [](float value) { return value == 0; })) {
            break;
        }
        const float scale = leastErrorScale(format, left);
        roundAt(format, scale, left, term);
        fit.scales.push_back(scale);
        for (std::size_t j = 0; j < vector.size(); ++j) {
            fit.reconstruction[j] += term[j];
            left[j] = vector[j] - fit.reconstruction[j];
        }
    }
    return fit;
}

namespace {

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * b[i];
    }
    return sum;
}

double relativeOutputError(std::span<const float> weights, std::span<const float> sum,
                           std::span<const float> inputs) {
    double error = 0;
    double output = 0;
    for (std::size_t begin = 0; begin < inputs.size(); begin += weights.size()) {
        const std::span<const float> sample = inputs.subspan(begin, weights.size());
        const double exact = dot(weights, sample);
        const double difference = exact - dot(sum, sample);
        error += difference * difference;
        output += exact * exact;
    }
    return error == 0 ? 0 : std::sqrt(error / output);
}

}  // namespace

MultipointLayer fitMultipointLayer(const ScalarParameters& format, std::span<const float> weights,
                                   std::span<const float> inputs, std::size_t length, double bound,
                                   int maxTerms) {
    if (length == 0 || weights.size() % length != 0 || inputs.size() % length != 0) {
        throw std::logic_error("multipoint needs whole rows of weights and inputs");
    }
    MultipointLayer layer;
    std::size_t terms = 0;
    for (std::size_t begin = 0; begin < weights.size(); begin += length) {
        const std::span<const float> channel = weights.subspan(begin, length);
        MultipointFit fit;
        double error = 0;
        for (int count = 1; count <= maxTerms; ++count) {
            fit = fitMultipoint(format, channel, count);
            error = relativeOutputError(channel, fit.reconstruction, inputs);
            if (error <= bound) {
                break;
            }
        }
        terms += std::max<std::size_t>(fit.scales.size(), 1);
        layer.channels.push_back(std::move(fit));
        layer.outputErrors.push_back(error);
    }
    if (!layer.channels.empty()) {
        layer.multipliesPerValue =
            static_cast<double>(terms) / static_cast<double>(layer.channels.size());
        layer.bitsPerValue = layer.multipliesPerValue * codeBits(format);
    }
    return layer;
}

void roundToMultipoint(const MultipointParameters& format, std::span<const float> in,
                       std::span<float> out, const RoundingOptions& /*options*/) {
    const MultipointFit fit = fitMultipoint(format.element, in, format.terms);
    std::copy(fit.reconstruction.begin(), fit.reconstruction.end(), out.begin());
}

}  // namespace bitloupe::numerics
