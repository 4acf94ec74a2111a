// SPDX-License-Identifier: Apache-2.0
#include "core/data/scaling.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace bitloupe::data {
namespace {

std::int64_t innerSize(const Shape& shape) {
    return elementCount(std::span(shape).subspan(2));
}

/// Calls visit(channel, value) for every element.
void forEachValue(const Array& samples, const std::function<void(std::size_t, float)>& visit) {
    const std::span<const float> values = samples.as<float>();
    const auto inner = static_cast<std::size_t>(innerSize(samples.shape()));
    const auto channels = static_cast<std::size_t>(samples.shape()[1]);
    for (std::size_t i = 0; i < values.size(); ++i) {
        visit(i / inner % channels, values[i]);
    }
}

Scaling fitMinMax(const Array& samples) {
    const auto channels = static_cast<std::size_t>(samples.shape()[1]);
    Scaling scaling{std::vector<float>(channels, std::numeric_limits<float>::max()),
                    std::vector<float>(channels, std::numeric_limits<float>::lowest())};
    forEachValue(samples, [&scaling](std::size_t channel, float value) {
        scaling.offsets[channel] = std::min(scaling.offsets[channel], value);
        scaling.spans[channel] = std::max(scaling.spans[channel], value);
    });
    for (std::size_t i = 0; i < channels; ++i) {
        scaling.spans[i] -= scaling.offsets[i];
    }
    return scaling;
}

Scaling fitStandard(const Array& samples) {
    const auto channels = static_cast<std::size_t>(samples.shape()[1]);
    const double count =
        static_cast<double>(samples.shape()[0]) * static_cast<double>(innerSize(samples.shape()));
    std::vector<double> means(channels);
    std::vector<double> squares(channels);
    forEachValue(samples,
                 [&](std::size_t channel, float value) { means[channel] += value / count; });
    forEachValue(samples, [&](std::size_t channel, float value) {
        const double distance = value - means[channel];
        squares[channel] += distance * distance / count;
    });
    Scaling scaling;
    for (std::size_t i = 0; i < channels; ++i) {
        scaling.offsets.push_back(static_cast<float>(means[i]));
        scaling.spans.push_back(static_cast<float>(std::sqrt(squares[i])));
    }
    return scaling;
}

}  // namespace

Result<Scaling> fitScaling(const std::string& rule, double divisor, const Array& samples) {
    const auto channels = static_cast<std::size_t>(samples.shape()[1]);
    Scaling scaling{std::vector<float>(channels, 0.0F), std::vector<float>(channels, 1.0F)};
    if (rule == "divide") {
        if (!std::isfinite(divisor) || divisor == 0) {
            return Error{"samples cannot be divided by this number", "data.divisor",
                         "give a number other than 0, for instance 255"};
        }
        scaling.spans.assign(channels, static_cast<float>(divisor));
    } else if (rule == "minmax") {
        scaling = fitMinMax(samples);
    } else if (rule == "standardize") {
        scaling = fitStandard(samples);
    } else if (rule != "none") {
        return Error{"unknown scaling `" + rule + "`", "data.scaling",
                     "give none, divide, standardize or minmax"};
    }
    for (float& span : scaling.spans) {
        span = span == 0 || !std::isfinite(span) ? 1.0F : span;
    }
    return scaling;
}

void applyScaling(const Scaling& scaling, const Shape& shape, std::span<float> values) {
    const auto inner = static_cast<std::size_t>(innerSize(shape));
    const std::size_t channels = scaling.offsets.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t channel = i / inner % channels;
        // A true division: pixels / 255 must be what everybody else's pixels / 255 are.
        values[i] = (values[i] - scaling.offsets[channel]) / scaling.spans[channel];
    }
}

}  // namespace bitloupe::data
