// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/format_analysis.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "core/numerics/block_format.h"
#include "core/numerics/codebook.h"
#include "core/numerics/scalar_rounding.h"

namespace bitloupe::numerics {

namespace {

constexpr double kMostDecimals = 17;

/// Rounding as the curves show it: elements of blocks without their shared scale, codebooks as
/// fitted.
bool roundPlainly(const NumberFormat& format, std::span<const float> data,
                  std::span<const float> in, std::span<float> out, const RoundingOptions& options) {
    if (const auto* block = std::get_if<BlockParameters>(&format.parameters())) {
        RoundingOptions element = options;
        element.narrow = block->narrow;
        roundScalars(block->element, in, out, element);
        return true;
    }
    if (const auto* codebook = std::get_if<CodebookParameters>(&format.parameters())) {
        Codebook::fit(*codebook, data).round(in, out);
        return true;
    }
    if (format.hasCodes()) {
        roundSpan(format, in, out, options);
        return true;
    }
    return false;
}

double decimalAccuracy(double x, double rounded) {
    if (!(rounded / x > 0)) {
        return 0;
    }
    const double distance = std::abs(std::log10(rounded / x));
    return std::clamp(distance > 0 ? -std::log10(distance) : kMostDecimals, 0.0, kMostDecimals);
}

/// The ends of the range each element was rounded into.
class Limits {
public:
    Limits(const NumberFormat& format, std::span<const float> data, const RoundingOptions& options)
        : m_block(std::get_if<BlockParameters>(&format.parameters())),
          m_scale(options.scaling.scale) {
        constexpr float kFar = std::numeric_limits<float>::max();
        const std::vector<float> ends = {-kFar, kFar};
        std::vector<float> rounded(ends);
        if (!format.isIdentity() && roundPlainly(format, data, ends, rounded, options)) {
            m_low = std::min(rounded[0], rounded[1]);  // wrapping turns the ends around
            m_high = std::max(rounded[0], rounded[1]);
        }
        if (wraps(format)) {
            m_high = static_cast<float>(format.maxValue()) * m_scale;
            m_low = format.values().front() * m_scale;
        }
    }

    /// Called for element 0, 1, 2, ...
    bool clips(std::span<const float> data, std::size_t i) {
        const float x = data[i];
        if (m_block == nullptr) {
            return x < m_low || x > m_high;
        }
        const auto size = static_cast<std::size_t>(m_block->blockSize);
        if (i % size == 0) {
            std::vector<float> block(
                data.begin() + static_cast<std::ptrdiff_t>(i),
                data.begin() + static_cast<std::ptrdiff_t>(std::min(i + size, data.size())));
            for (float& value : block) {
                value /= m_scale;
            }
            m_shared = blockScale(*m_block, block);
        }
        return x < m_low * m_shared || x > m_high * m_shared;
    }

private:
    static bool wraps(const NumberFormat& format) {
        const auto* scalar = std::get_if<ScalarParameters>(&format.parameters());
        const auto* fixed = scalar == nullptr ? nullptr : std::get_if<FixedParameters>(scalar);
        return fixed != nullptr && fixed->overflow == FixedOverflow::Wrap;
    }

    const BlockParameters* m_block;
    float m_scale;
    float m_low = -std::numeric_limits<float>::infinity();
    float m_high = std::numeric_limits<float>::infinity();
    float m_shared = 1;
};

}  // namespace

std::vector<float> scaledValues(const NumberFormat& format, std::span<const float> data,
                                const RoundingOptions& options) {
    if (const auto* codebook = std::get_if<CodebookParameters>(&format.parameters())) {
        return Codebook::fit(*codebook, data).values();
    }
    std::vector<float> values = format.values();
    if (format.family() == Family::Integer) {
        for (float& value : values) {
            value -= options.scaling.zeroPoint;
        }
        if (options.narrow && values.front() < 0 && format.decode(format.encode(-1)) < 0) {
            values.erase(values.begin());
        }
    }
    for (float& value : values) {
        value *= options.scaling.scale;
    }
    return values;
}

std::vector<AccuracyPoint> accuracyOverMagnitude(const NumberFormat& format, double lowest,
                                                 double highest, int steps,
                                                 std::span<const float> data,
                                                 const RoundingOptions& options) {
    if (!(lowest > 0) || !(highest > lowest) || steps < 1) {
        throw std::logic_error("accuracy needs magnitudes 0 < lowest < highest and a step");
    }
    constexpr int kSamples = 64;
    const double width = std::log(highest / lowest) / steps;
    std::vector<float> in(kSamples);
    std::vector<float> out(kSamples);
    std::vector<AccuracyPoint> points;
    for (int step = 0; step < steps; ++step) {
        for (int i = 0; i < kSamples; ++i) {
            in[static_cast<std::size_t>(i)] =
                static_cast<float>(lowest * std::exp(width * (step + (i + 0.5) / kSamples)));
        }
        if (!roundPlainly(format, data, in, out, options)) {
            return {};
        }
        AccuracyPoint point{lowest * std::exp(width * (step + 0.5)), 0, kMostDecimals};
        for (std::size_t i = 0; i < in.size(); ++i) {
            const double x = in[i];
            point.relativeError = std::max(point.relativeError, std::abs(out[i] - x) / x);
            point.decimalAccuracy = std::min(point.decimalAccuracy, decimalAccuracy(x, out[i]));
        }
        points.push_back(point);
    }
    return points;
}

DataLoss lossOnData(const NumberFormat& format, std::span<const float> data,
                    const RoundingOptions& options) {
    std::vector<float> finite;
    std::copy_if(data.begin(), data.end(), std::back_inserter(finite),
                 [](float x) { return std::isfinite(x); });
    std::vector<float> rounded(finite.size());
    roundSpan(format, finite, rounded, options);
    Limits limits(format, finite, options);
    DataLoss loss;
    double signal = 0;
    double noise = 0;
    const double share = finite.empty() ? 0 : 1 / static_cast<double>(finite.size());
    for (std::size_t i = 0; i < finite.size(); ++i) {
        const double x = finite[i];
        const double error = std::abs(x - rounded[i]);
        signal += x * x;
        noise += error * error;
        loss.largestError = std::max(loss.largestError, error);
        loss.clippedShare += limits.clips(finite, i) ? share : 0;
        loss.underflowShare += finite[i] != 0 && rounded[i] == 0 ? share : 0;
    }
    loss.sqnrDecibels =
        noise > 0 ? 10 * std::log10(signal / noise) : std::numeric_limits<double>::infinity();
    return loss;
}

}  // namespace bitloupe::numerics
