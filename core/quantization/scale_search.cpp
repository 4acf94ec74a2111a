// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/scale_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantization/clipping.h"
#include "core/quantization/posit_scale.h"

namespace bitloupe::quantization {

using numerics::Family;
using numerics::NumberFormat;
using numerics::RoundingOptions;
using numerics::Scaling;

namespace {

constexpr int kSteps = 40;
constexpr double kSmallestFraction = 0.22;

double largestMagnitude(std::span<const float> values) {
    double largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::fabs(static_cast<double>(value)));
    }
    return largest;
}

double meanMagnitude(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) {
        sum += std::fabs(static_cast<double>(value));
    }
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double fractionOf(int step) {
    return 1 - (1 - kSmallestFraction) * step / (kSteps - 1);
}

/// A scale as float32, never 0, never infinite.
float usableScale(double scale) {
    constexpr double kLeast = std::numeric_limits<float>::min();
    constexpr double kMost = std::numeric_limits<float>::max();
    return scale > 0 ? static_cast<float>(std::clamp(scale, kLeast, kMost)) : 1.0F;
}

double nextPowerOfTwo(double scale) {
    return scale > 0 ? std::exp2(std::ceil(std::log2(scale) - 1e-9)) : scale;
}

/// Powers of two from a quarter of the fitting scale upwards, as far as the format's range goes.
std::vector<double> candidatePowers(const NumberFormat& format, double fitting) {
    constexpr int kBelow = 3;
    const int above = format.family() == Family::Integer
                          ? 0
                          : static_cast<int>(std::min(40.0, std::log2(format.maxValue()) + 2));
    std::vector<double> scales;
    for (int power = -kBelow; power <= above; ++power) {
        scales.push_back(std::ldexp(nextPowerOfTwo(fitting), power));
    }
    return scales;
}

/// Scales worth trying when `fitting` maps the largest magnitude to the format's largest value.
std::vector<double> candidateScales(const NumberFormat& format, double fitting, double mean) {
    std::vector<double> scales;
    for (int step = 0; step < kSteps; ++step) {
        scales.push_back(fitting * fractionOf(step));
    }
    if (format.family() == Family::Integer) {
        return scales;
    }
    scales.push_back(mean / format.maxValue());  // the optimum of two levels
    const double octaves = std::min(40.0, std::log2(format.maxValue()) + 2);
    for (int quarter = 1; quarter <= static_cast<int>(octaves * 4); ++quarter) {
        scales.push_back(fitting * std::exp2(quarter / 4.0));
    }
    return scales;
}

double leastErrorScale(std::span<const float> values, const NumberFormat& format, bool narrow,
                       const std::vector<double>& scales) {
    double best = scales.front();
    double bestError = std::numeric_limits<double>::infinity();
    for (const double scale : scales) {
        RoundingOptions options;
        options.scaling.scale = usableScale(scale);
        options.narrow = narrow;
        const double error = roundingError(format, values, options);
        if (error < bestError) {
            bestError = error;
            best = scale;
        }
    }
    return best;
}

struct Bounds {
    double low = 0;
    double high = 0;
};

/// The power of two with the least error, each with zero points for shrinking lower ends.
Scaling leastErrorPower(std::span<const float> values, const NumberFormat& format,
                        const Bounds& whole) {
    const CodeRange codes = codeRange(format, false);
    const double fitting =
        nextPowerOfTwo((whole.high - whole.low) / (codes.highest - codes.lowest));
    Scaling best;
    double bestError = std::numeric_limits<double>::infinity();
    for (int power = 0; power >= -3; --power) {
        const float scale = usableScale(std::ldexp(fitting, power));
        for (int step = 0; step < kSteps; ++step) {
            const double low = whole.low * (1 - static_cast<double>(step) / (kSteps - 1));
            const double zero = std::nearbyint(codes.lowest - low / static_cast<double>(scale));
            RoundingOptions options;
            options.scaling = {scale,
                               static_cast<float>(std::clamp(zero, codes.lowest, codes.highest))};
            const double error = roundingError(format, values, options);
            if (error < bestError) {
                bestError = error;
                best = options.scaling;
            }
            if (whole.low == 0) {
                break;  // every step is the same
            }
        }
    }
    return best;
}

/// Shrinks the range a step at a time, first both ends, then each end alone.
Bounds leastErrorBounds(std::span<const float> values, const NumberFormat& format, Bounds whole) {
    Bounds best = whole;
    double bestError = std::numeric_limits<double>::infinity();
    const auto offer = [&](const Bounds& bounds) {
        RoundingOptions options;
        options.scaling = affineScaling(format, bounds.low, bounds.high);
        const double error = roundingError(format, values, options);
        if (error < bestError) {
            bestError = error;
            best = bounds;
        }
    };
    for (int step = 0; step < kSteps; ++step) {
        offer({whole.low * fractionOf(step), whole.high * fractionOf(step)});
    }
    if (whole.low < 0 && whole.high > 0) {
        const Bounds both = best;
        for (int step = 0; step < kSteps; ++step) {
            offer({whole.low * fractionOf(step), both.high});
        }
        const double low = best.low;
        for (int step = 0; step < kSteps; ++step) {
            offer({low, whole.high * fractionOf(step)});
        }
    }
    return best;
}

}  // namespace

bool isUnsigned(const NumberFormat& format) {
    const auto* scalar = std::get_if<numerics::ScalarParameters>(&format.parameters());
    const auto* integer =
        scalar == nullptr ? nullptr : std::get_if<numerics::IntegerParameters>(scalar);
    return integer != nullptr && !integer->isSigned;
}

CodeRange codeRange(const NumberFormat& format, bool narrow) {
    const double highest = format.maxValue();
    if (isUnsigned(format)) {
        return {0, highest};
    }
    return {narrow ? -highest : -highest - 1, highest};
}

bool takesScale(const NumberFormat& format) {
    switch (format.family()) {
        case Family::Integer:
        case Family::Posit:
        case Family::PowerOfTwo:
        case Family::Binary:
        case Family::Ternary:
        case Family::MidRise:
            return true;
        case Family::Float:
            return format.bitsPerValue() < 16;
        case Family::Fixed:
        case Family::Microscaling:
        case Family::Codebook:
        case Family::Multipoint:
            return false;
    }
    return false;
}

std::vector<float> evenSample(std::span<const float> values, std::size_t limit) {
    if (values.size() <= limit) {
        return {values.begin(), values.end()};
    }
    std::vector<float> sample(limit);
    for (std::size_t i = 0; i < limit; ++i) {
        sample[i] = values[i * values.size() / limit];
    }
    return sample;
}

ValueRange representableRange(const NumberFormat& format, const RoundingOptions& options) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto scale = static_cast<double>(options.scaling.scale);
    if (format.family() == Family::Integer) {
        const CodeRange codes = codeRange(format, options.narrow);
        const auto zero = static_cast<double>(options.scaling.zeroPoint);
        return {(codes.lowest - zero) * scale, (codes.highest - zero) * scale};
    }
    if (!format.hasCodes() || format.isIdentity()) {
        return {-kInfinity, kInfinity};
    }
    const double highest = format.maxValue() * scale;
    const bool isSigned = format.decode(format.encode(-1e30F)) < 0;
    return {isSigned ? -highest : 0, highest};
}

double clippedShare(const NumberFormat& format, std::span<const float> values,
                    const RoundingOptions& options) {
    ValueRange range = representableRange(format, options);
    if (format.family() == Family::Integer) {
        const double half = static_cast<double>(options.scaling.scale) / 2;
        range = {range.low - half, range.high + half};
    }
    const auto clipped = std::count_if(values.begin(), values.end(), [&range](float value) {
        return static_cast<double>(value) < range.low || static_cast<double>(value) > range.high;
    });
    return values.empty() ? 0 : static_cast<double>(clipped) / static_cast<double>(values.size());
}

double roundingError(const NumberFormat& format, std::span<const float> values,
                     const RoundingOptions& options) {
    constexpr std::size_t kChunk = 4096;
    std::vector<float> rounded(std::min(values.size(), kChunk));
    double total = 0;
    for (std::size_t first = 0; first < values.size(); first += kChunk) {
        const std::span<const float> part =
            values.subspan(first, std::min(kChunk, values.size() - first));
        numerics::roundSpan(format, part, std::span(rounded).first(part.size()), options);
        for (std::size_t i = 0; i < part.size(); ++i) {
            const double difference =
                static_cast<double>(part[i]) - static_cast<double>(rounded[i]);
            total += difference * difference;
        }
    }
    return values.empty() ? 0 : total / static_cast<double>(values.size());
}

Scaling symmetricScaling(std::span<const float> values, const Quantizer& quantizer, bool narrow) {
    const NumberFormat& format = quantizer.format;
    double largest = largestMagnitude(values);
    if (largest == 0 || !takesScale(format) || quantizer.range == RangeRule::Unscaled) {
        return {};
    }
    if (const auto power = logarithmicScale(values, quantizer.range)) {
        return {usableScale(*power), 0};
    }
    if (quantizer.range == RangeRule::Percentile) {
        std::vector<float> magnitudes(values.begin(), values.end());
        for (float& value : magnitudes) {
            value = std::fabs(value);
        }
        largest = static_cast<double>(quantile(magnitudes, quantizer.percentile / 100));
    } else if (quantizer.range == RangeRule::Entropy) {
        largest = entropyThreshold(values, static_cast<int>(format.maxValue()));
    }
    const double fitting = largest / format.maxValue();
    if (quantizer.range != RangeRule::Mse) {
        return {usableScale(quantizer.powerOfTwoScale ? nextPowerOfTwo(fitting) : fitting), 0};
    }
    const std::vector<double> scales =
        quantizer.powerOfTwoScale ? candidatePowers(format, fitting)
                                  : candidateScales(format, fitting, meanMagnitude(values));
    return {usableScale(leastErrorScale(values, format, narrow, scales)), 0};
}

Scaling affineScaling(const NumberFormat& format, double low, double high, bool powerOfTwo) {
    const CodeRange codes = codeRange(format, false);
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
    const double fitting = (high - low) / (codes.highest - codes.lowest);
    const float scale = usableScale(powerOfTwo ? nextPowerOfTwo(fitting) : fitting);
    const double zero = std::nearbyint(codes.lowest - low / static_cast<double>(scale));
    return {scale, static_cast<float>(std::clamp(zero, codes.lowest, codes.highest))};
}

Scaling affineScalingFor(std::span<const float> values, float minimum, float maximum,
                         const Quantizer& quantizer) {
    Bounds bounds{std::min(0.0, static_cast<double>(minimum)),
                  std::max(0.0, static_cast<double>(maximum))};
    if (!values.empty()) {
        switch (quantizer.range) {
            case RangeRule::MinMax:
            case RangeRule::MovingAverage:
            case RangeRule::Histogram:
            case RangeRule::Energy:
            case RangeRule::Sweep:
            case RangeRule::Unscaled:
                break;  // the last four are not for integers
            case RangeRule::Mse:
                if (quantizer.powerOfTwoScale) {
                    return leastErrorPower(values, quantizer.format, bounds);
                }
                bounds = leastErrorBounds(values, quantizer.format, bounds);
                break;
            case RangeRule::Percentile: {
                const double share = quantizer.percentile / 100;
                bounds = {static_cast<double>(quantile(values, 1 - share)),
                          static_cast<double>(quantile(values, share))};
                break;
            }
            case RangeRule::Entropy: {
                const CodeRange codes = codeRange(quantizer.format, false);
                const double levels = bounds.low < 0 && bounds.high > 0
                                          ? (codes.highest - codes.lowest) / 2
                                          : codes.highest - codes.lowest;
                const double threshold = entropyThreshold(values, static_cast<int>(levels));
                bounds = {std::max(bounds.low, -threshold), std::min(bounds.high, threshold)};
                break;
            }
        }
    }
    return affineScaling(quantizer.format, bounds.low, bounds.high, quantizer.powerOfTwoScale);
}

}  // namespace bitloupe::quantization
