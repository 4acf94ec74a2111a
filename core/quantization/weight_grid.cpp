// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/weight_grid.h"

#include <algorithm>
#include <cmath>

#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

using numerics::Family;
using numerics::RoundingMode;
using numerics::RoundingOptions;

namespace {

float roundOne(const numerics::NumberFormat& format, float value, const RoundingOptions& options) {
    float rounded = 0;
    numerics::roundSpan(format, {&value, 1}, {&rounded, 1}, options);
    return rounded;
}

}  // namespace

void WeightGrid::add(std::size_t end, const RoundingOptions& options) {
    m_ends.push_back(end);
    m_options.push_back(options);
}

std::vector<numerics::Scaling> WeightGrid::scalings() const {
    std::vector<numerics::Scaling> scalings(m_options.size());
    std::transform(m_options.begin(), m_options.end(), scalings.begin(),
                   [](const RoundingOptions& options) { return options.scaling; });
    return scalings;
}

const RoundingOptions& WeightGrid::optionsAt(std::size_t place) const {
    const auto found = std::upper_bound(m_ends.begin(), m_ends.end(), place);
    return m_options.at(static_cast<std::size_t>(found - m_ends.begin()));
}

void WeightGrid::round(std::span<float> rows) const {
    forEachRun([&](std::size_t begin, std::size_t end, const RoundingOptions& options) {
        const std::span<float> run = rows.subspan(begin, end - begin);
        RoundingOptions here = options;
        here.firstIndex = begin;
        numerics::roundSpan(m_format, run, run, here);
    });
}

float WeightGrid::nearest(std::size_t place, float value) const {
    return roundOne(m_format, value, optionsAt(place));
}

std::pair<float, float> WeightGrid::neighbours(std::size_t place, float value) const {
    RoundingOptions options = optionsAt(place);
    options.mode = RoundingMode::Floor;
    const ValueRange range = representableRange(m_format, options);
    if (m_format.family() == Family::Integer) {
        const float scale = options.scaling.scale;
        const auto lowest = static_cast<float>(range.low / static_cast<double>(scale));
        const auto highest = static_cast<float>(range.high / static_cast<double>(scale));
        const float steps = std::floor(value / scale);
        return {std::clamp(steps, lowest, highest) * scale,
                std::clamp(steps + 1, lowest, highest) * scale};
    }
    // The value sets of these formats are symmetric but for the ends, which the clamp mends.
    const float below = roundOne(m_format, value, options);
    const float above = -roundOne(m_format, -value, options);
    const auto low = static_cast<float>(range.low);
    const auto high = static_cast<float>(range.high);
    return {std::clamp(below, low, high), std::clamp(above, low, high)};
}

}  // namespace bitloupe::quantization
