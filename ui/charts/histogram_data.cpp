// SPDX-License-Identifier: Apache-2.0
// Counting values into bins; histogram_view.cpp draws them.
#include <algorithm>
#include <cmath>

#include "ui/charts/histogram_view.h"

namespace bitloupe::charts {

namespace {

/// What rounds to zero: anything nearer to it than to the smallest value on its side.
struct ZeroBand {
    double low = 0;
    double high = 0;
};

ZeroBand zeroBandOf(const std::vector<double>& representable) {
    const auto above = std::upper_bound(representable.begin(), representable.end(), 0.0);
    const auto zero = std::lower_bound(representable.begin(), representable.end(), 0.0);
    if (zero == representable.end() || *zero != 0.0) {
        return {};  // a format without a zero
    }
    ZeroBand band;
    band.high = above == representable.end() ? 0 : *above / 2;
    band.low = zero == representable.begin() ? 0 : *std::prev(zero) / 2;
    return band;
}

void countOutside(HistogramData& data, const std::vector<double>& values) {
    if (data.representable.empty() || values.empty()) {
        return;
    }
    data.lowest = data.representable.front();
    data.highest = data.representable.back();
    const ZeroBand band = zeroBandOf(data.representable);
    std::size_t clipped = 0;
    std::size_t vanished = 0;
    for (const double value : values) {
        clipped += value < data.lowest || value > data.highest ? 1 : 0;
        vanished += value != 0 && value > band.low && value < band.high ? 1 : 0;
    }
    data.clippedPercent = 100.0 * double(clipped) / double(values.size());
    data.underflowPercent = 100.0 * double(vanished) / double(values.size());
}

std::vector<double> finiteOf(std::span<const float> values) {
    std::vector<double> finite;
    finite.reserve(values.size());
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
                 [](float value) { return std::isfinite(value); });
    return finite;
}

std::vector<double> magnitudesOf(const std::vector<double>& values) {
    std::vector<double> magnitudes;
    for (const double value : values) {
        if (value != 0) {
            magnitudes.push_back(std::abs(value));
        }
    }
    std::sort(magnitudes.begin(), magnitudes.end());
    return magnitudes;
}

}  // namespace

HistogramData histogramOf(std::span<const float> values, std::vector<double> representable,
                          const HistogramOptions& options) {
    HistogramData data;
    data.axis = {options.label, options.unit, Better::Neither, options.scale};
    data.representable = std::move(representable);
    const std::vector<double> finite = finiteOf(values);
    countOutside(data, finite);
    const bool logarithmic = options.scale == ScaleKind::Logarithmic;
    if (logarithmic) {
        data.representable = magnitudesOf(data.representable);
        data.representable.erase(std::unique(data.representable.begin(), data.representable.end()),
                                 data.representable.end());
        if (!data.representable.empty()) {
            data.lowest = data.representable.front();
            data.highest = data.representable.back();
        }
    }
    const std::vector<double> counted = logarithmic ? magnitudesOf(finite) : finite;
    if (counted.empty() || options.bins < 1) {
        return data;
    }
    const auto [least, high] = std::minmax_element(counted.begin(), counted.end());
    const double low = logarithmic ? counted[counted.size() / 1000] : *least;
    const double end = *high > low ? *high : low + std::max(std::abs(low) * 0.1, 1e-6);
    const AxisScale scale(options.scale, low, end);
    std::vector<std::size_t> counts(std::size_t(options.bins), 0);
    for (const double value : counted) {
        const int bin = int(scale.toUnit(value) * options.bins);
        ++counts[std::size_t(std::clamp(bin, 0, options.bins - 1))];
    }
    for (int bin = 0; bin <= options.bins; ++bin) {
        data.edges.push_back(scale.fromUnit(double(bin) / options.bins));
    }
    for (const std::size_t count : counts) {
        data.shares.push_back(100.0 * double(count) / double(finite.size()));
    }
    return data;
}

}  // namespace bitloupe::charts
