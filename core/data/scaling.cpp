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

Result<std::vector<float>> perChannel(const std::vector<double>& given, float none,
                                      std::int64_t channels, const std::string& key) {
    if (given.size() > 1 && static_cast<std::int64_t>(given.size()) != channels) {
        return Error{"there are " + std::to_string(given.size()) + " values for " +
                         std::to_string(channels) + " channels",
                     "data." + key, "give one for each channel, or one for all"};
    }
    std::vector<float> values(static_cast<std::size_t>(channels), none);
    for (std::size_t i = 0; !given.empty() && i < values.size(); ++i) {
        values[i] = static_cast<float>(given[given.size() == 1 ? 0 : i]);
    }
    return values;
}

}  // namespace

Result<Scaling> fixedScaling(const std::vector<double>& mean, const std::vector<double>& deviation,
                             std::int64_t channels) {
    Result<std::vector<float>> offsets = perChannel(mean, 0, channels, "mean");
    if (offsets.hasError()) {
        return offsets.error();
    }
    Result<std::vector<float>> spans = perChannel(deviation, 1, channels, "std");
    if (spans.hasError()) {
        return spans.error();
    }
    if (std::find(spans.value().begin(), spans.value().end(), 0.0F) != spans.value().end()) {
        return Error{"a standard deviation is 0", "data.std", "give positive numbers"};
    }
    return Scaling{std::move(offsets).value(), std::move(spans).value()};
}

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
    const auto isOne = [](float span) { return span == 1.0F; };
    const auto isZero = [](float offset) { return offset == 0.0F; };
    if (std::all_of(scaling.spans.begin(), scaling.spans.end(), isOne) &&
        std::all_of(scaling.offsets.begin(), scaling.offsets.end(), isZero)) {
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t channel = i / inner % channels;
        // A true division: pixels / 255 must be what everybody else's pixels / 255 are.
        values[i] = (values[i] - scaling.offsets[channel]) / scaling.spans[channel];
    }
}

}  // namespace bitloupe::data
