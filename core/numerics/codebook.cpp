// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/numerics/kernels/kernels.h"
#include "core/numerics/landmarks.h"
#include "core/numerics/random_key.h"

namespace bitloupe::numerics {

namespace {

/// The smallest float that is nearer to `upper` than to `lower`, or as near and the tie is upper's.
float thresholdBetween(float lower, float upper, bool tieGoesUp) {
    // The sum of two floats as an exact pair: `sum` rounded to double and what that lost.
    const double a = lower;
    const double b = upper;
    const double sum = a + b;
    const double part = sum - a;
    const double lost = (a - (sum - part)) + (b - part);
    const double middle = sum / 2;
    float threshold = static_cast<float>(middle);
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    while (threshold > middle) {
        threshold = std::nextafter(threshold, -kInfinity);
    }
    const bool isTie = threshold == middle && lost == 0;
    const bool isAbove = threshold == middle && lost < 0;
    if (!(isAbove || (isTie && tieGoesUp))) {
        threshold = std::nextafter(threshold, kInfinity);
    }
    return threshold;
}

}  // namespace

Codebook::Codebook(std::vector<float> values) : m_values(std::move(values)) {
    if (m_values.empty() || !std::all_of(m_values.begin(), m_values.end(),
                                         [](float value) { return std::isfinite(value); })) {
        throw std::logic_error("a codebook needs at least one value, and finite ones");
    }
    std::sort(m_values.begin(), m_values.end());
    m_values.erase(std::unique(m_values.begin(), m_values.end()), m_values.end());
    for (std::size_t i = 0; i + 1 < m_values.size(); ++i) {
        m_thresholds.push_back(thresholdBetween(m_values[i], m_values[i + 1], i % 2 == 1));
    }
}

Codebook Codebook::fit(const CodebookParameters& parameters, std::span<const float> data) {
    return Codebook(landmarks(parameters, data));
}

std::size_t Codebook::nearestIndex(float x) const {
    const float known = std::isnan(x) ? 0.0F : x;
    const auto above = std::upper_bound(m_thresholds.begin(), m_thresholds.end(), known);
    return static_cast<std::size_t>(above - m_thresholds.begin());
}

void Codebook::round(std::span<const float> in, std::span<float> out,
                     const RoundingOptions& options) const {
    forEachCounterRun(options, in.size(),
                      [&](std::size_t begin, std::size_t count, const CounterRun& run) {
                          kernels::roundToCodebook(
                              {in.data() + begin, out.data() + begin, count, run.key, run.counter},
                              {.scale = options.scaling.scale,
                               .values = m_values.data(),
                               .thresholds = m_thresholds.data(),
                               .size = static_cast<int>(m_values.size()),
                               .direction = options.mode});
                      });
}

}  // namespace bitloupe::numerics
