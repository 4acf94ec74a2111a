// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/posit_scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

namespace {

using numerics::NumberFormat;

constexpr int kSweepOctaves = 6;

std::optional<double> energyExponent(std::span<const float> values) {
    double weighted = 0;
    double energy = 0;
    for (const float value : values) {
        if (value != 0) {
            const double square = static_cast<double>(value) * static_cast<double>(value);
            weighted += square * std::log2(std::fabs(static_cast<double>(value)));
            energy += square;
        }
    }
    return energy > 0 ? std::optional<double>(weighted / energy) : std::nullopt;
}

std::optional<double> fullestExponent(std::span<const float> values) {
    constexpr std::size_t kBins = 100;
    double least = std::numeric_limits<double>::infinity();
    double most = -least;
    for (const float value : values) {
        if (value != 0) {
            const double exponent = std::log2(std::fabs(static_cast<double>(value)));
            least = std::min(least, exponent);
            most = std::max(most, exponent);
        }
    }
    if (!(least <= most)) {
        return std::nullopt;
    }
    if (least == most) {
        return least;
    }
    std::array<std::size_t, kBins> counts = {};
    const double width = (most - least) / kBins;
    for (const float value : values) {
        if (value != 0) {
            const double exponent = std::log2(std::fabs(static_cast<double>(value)));
            const auto bin = static_cast<std::size_t>((exponent - least) / width);
            ++counts[std::min(bin, kBins - 1)];
        }
    }
    const auto fullest = std::max_element(counts.begin(), counts.end()) - counts.begin();
    return least + (static_cast<double>(fullest) + 0.5) * width;
}

/// The format itself first, then its relatives with another es.
std::vector<NumberFormat> relatives(const NumberFormat& format) {
    std::vector<NumberFormat> formats = {format};
    if (format.family() != numerics::Family::Posit) {
        return formats;
    }
    const int bits = static_cast<int>(format.bitsPerValue());
    for (int es = 0; es <= 3; ++es) {
        Result<NumberFormat> other =
            NumberFormat::parse("posit<" + std::to_string(bits) + "," + std::to_string(es) + ">");
        if (other.hasValue() && !(other.value() == format)) {
            formats.push_back(std::move(other).value());
        }
    }
    return formats;
}

}  // namespace

std::optional<double> logarithmicScale(std::span<const float> values, RangeRule rule) {
    if (rule == RangeRule::Histogram) {
        const std::optional<double> exponent = fullestExponent(values);
        return exponent ? std::optional<double>(std::exp2(*exponent)) : std::nullopt;
    }
    if (rule == RangeRule::Energy) {
        const std::optional<double> exponent = energyExponent(values);
        return exponent ? std::optional<double>(std::exp2(std::round(*exponent))) : std::nullopt;
    }
    return std::nullopt;
}

FormatAndScale sweepScale(std::span<const float> values, const NumberFormat& format, bool anyEs) {
    const std::optional<double> exponent = energyExponent(values);
    FormatAndScale best{format, 1};
    if (!exponent) {
        return best;
    }
    const int centre = static_cast<int>(std::lround(*exponent));
    double bestError = std::numeric_limits<double>::infinity();
    const std::vector<NumberFormat> candidates =
        anyEs ? relatives(format) : std::vector<NumberFormat>{format};
    for (const NumberFormat& candidate : candidates) {
        for (int power = centre + kSweepOctaves; power >= centre - kSweepOctaves; --power) {
            numerics::RoundingOptions options;
            options.scaling.scale = static_cast<float>(std::ldexp(1.0, power));
            if (!(options.scaling.scale > 0) || !std::isfinite(options.scaling.scale)) {
                continue;
            }
            const double error = roundingError(candidate, values, options);
            if (error < bestError) {
                bestError = error;
                best = {candidate, std::ldexp(1.0, power)};
            }
        }
    }
    return best;
}

}  // namespace bitloupe::quantization
