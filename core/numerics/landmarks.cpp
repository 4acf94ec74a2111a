// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/landmarks.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/numerics/normal_quantile.h"

namespace bitloupe::numerics {

namespace {

std::vector<float> evenlySpaced(double first, double last, std::size_t count) {
    std::vector<float> result(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double part = static_cast<double>(i) / static_cast<double>(count - 1);
        result[i] = static_cast<float>(first * (1 - part) + last * part);
    }
    return result;
}

std::vector<float> binCentres(double first, double last, std::size_t count) {
    const double half = (last / 2 - first / 2) / static_cast<double>(count);
    return evenlySpaced(first + half, last - half, count);
}

std::vector<float> normalQuantiles(std::span<const float> sorted, std::size_t count) {
    const auto size = static_cast<double>(sorted.size());
    double mean = 0;
    for (const float value : sorted) {
        mean += value / size;
    }
    double variance = 0;
    for (const float value : sorted) {
        variance += (value - mean) * (value - mean) / size;
    }
    std::vector<float> result = {sorted.front(), sorted.back()};
    for (std::size_t i = 1; i + 1 < count; ++i) {
        const double quantile =
            normalQuantile(static_cast<double>(i) / static_cast<double>(count - 1));
        result.push_back(static_cast<float>(mean + std::sqrt(variance) * quantile));
    }
    return result;
}

/// The place of the first element from `begin` on that is above `border`, in the logarithm of its
/// distance: thousands of narrow clusters then cost little more than a few wide ones.
std::size_t firstAbove(std::span<const float> sorted, std::size_t begin, double border) {
    std::size_t reach = 1;
    while (begin + reach < sorted.size() && !(border < sorted[begin + reach])) {
        reach *= 2;
    }
    const auto from = sorted.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto to = from + static_cast<std::ptrdiff_t>(std::min(reach, sorted.size() - begin));
    return static_cast<std::size_t>(
        std::distance(sorted.begin(), std::upper_bound(from, to, border)));
}

/// Lloyd's iteration in one dimension: clusters of sorted data are ranges, their means differences
/// of running sums. A cluster without members keeps its centre.
std::vector<float> means(std::span<const float> sorted, std::vector<float> start) {
    std::vector<double> sums(sorted.size() + 1);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        sums[i + 1] = sums[i] + sorted[i];
    }
    std::vector<double> centres(start.begin(), start.end());
    constexpr int kMaxSteps = 300;
    bool moved = true;
    for (int step = 0; step < kMaxSteps && moved; ++step) {
        moved = false;
        std::size_t begin = 0;
        for (std::size_t i = 0; i < centres.size(); ++i) {
            const std::size_t end =
                i + 1 < centres.size()
                    ? firstAbove(sorted, begin, (centres[i] + centres[i + 1]) / 2)
                    : sorted.size();
            if (end > begin) {
                const double mean = (sums[end] - sums[begin]) / static_cast<double>(end - begin);
                moved = moved || mean != centres[i];
                centres[i] = mean;
            }
            begin = end;
        }
    }
    std::transform(centres.begin(), centres.end(), start.begin(),
                   [](double c) { return static_cast<float>(c); });
    return start;
}

}  // namespace

std::vector<float> landmarks(const CodebookParameters& parameters, std::span<const float> data) {
    std::vector<float> sorted;
    std::copy_if(data.begin(), data.end(), std::back_inserter(sorted),
                 [](float x) { return std::isfinite(x); });
    if (sorted.empty()) {
        return {0.0F};
    }
    const std::size_t count = std::size_t{1} << parameters.bits;
    if (parameters.kind == CodebookKind::KMeans) {
        std::sort(sorted.begin(), sorted.end());
        return means(sorted, evenlySpaced(sorted.front(), sorted.back(), count));
    }
    const auto [smallest, largest] = std::minmax_element(sorted.begin(), sorted.end());
    switch (parameters.kind) {
        case CodebookKind::Histogram:
            return binCentres(*smallest, *largest, count);
        case CodebookKind::Normal:
            std::swap(*smallest, sorted.front());
            std::swap(*std::max_element(sorted.begin(), sorted.end()), sorted.back());
            return normalQuantiles(sorted, count);
        case CodebookKind::Uniform:
        case CodebookKind::KMeans:
            break;
    }
    return evenlySpaced(*smallest, *largest, count);
}

}  // namespace bitloupe::numerics
