// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/clipping.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace bitloupe::quantization {

namespace {

constexpr std::size_t kBins = 2048;

std::vector<double> magnitudeHistogram(std::span<const float> values, double largest) {
    std::vector<double> histogram(kBins, 0);
    for (const float value : values) {
        const double position = std::fabs(static_cast<double>(value)) / largest * kBins;
        ++histogram[std::min(static_cast<std::size_t>(position), kBins - 1)];
    }
    return histogram;
}

/// KL(clipped || its version with `levels` steps), over the first `kept` bins.
double divergence(const std::vector<double>& histogram, std::size_t kept, std::size_t levels) {
    std::vector<double> clipped(histogram.begin(),
                                histogram.begin() + static_cast<std::ptrdiff_t>(kept));
    for (std::size_t i = kept; i < histogram.size(); ++i) {
        clipped.back() += histogram[i];
    }
    double total = 0;
    double coarseTotal = 0;
    std::vector<double> coarse(kept, 0);
    for (std::size_t level = 0; level < levels; ++level) {
        const std::size_t first = level * kept / levels;
        const std::size_t last = (level + 1) * kept / levels;
        double sum = 0;
        double occupied = 0;
        for (std::size_t i = first; i < last; ++i) {
            sum += histogram[i];
            occupied += clipped[i] > 0 ? 1 : 0;
        }
        for (std::size_t i = first; i < last; ++i) {
            coarse[i] = clipped[i] > 0 && occupied > 0 ? sum / occupied : 0;
        }
    }
    for (std::size_t i = 0; i < kept; ++i) {
        total += clipped[i];
        coarseTotal += coarse[i];
    }
    double result = 0;
    for (std::size_t i = 0; i < kept; ++i) {
        if (clipped[i] > 0) {
            const double p = clipped[i] / total;
            const double q = std::max(coarse[i] / std::max(coarseTotal, 1.0), 1e-12);
            result += p * std::log(p / q);
        }
    }
    return result;
}

}  // namespace

float quantile(std::span<const float> values, double share) {
    std::vector<float> sorted(values.begin(), values.end());
    const double last = static_cast<double>(sorted.size() - 1);
    const auto place = static_cast<std::ptrdiff_t>(std::lround(std::clamp(share, 0.0, 1.0) * last));
    std::nth_element(sorted.begin(), sorted.begin() + place, sorted.end());
    return sorted[static_cast<std::size_t>(place)];
}

double entropyThreshold(std::span<const float> values, int levels) {
    double largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::fabs(static_cast<double>(value)));
    }
    if (largest == 0) {
        return 0;
    }
    const std::vector<double> histogram = magnitudeHistogram(values, largest);
    const auto steps = static_cast<std::size_t>(std::max(levels, 1));
    const std::size_t fewest = std::min(kBins, std::max<std::size_t>(steps, 64));
    double best = std::numeric_limits<double>::infinity();
    std::size_t bestKept = kBins;
    for (std::size_t kept = fewest; kept <= kBins; kept += 16) {
        const double value = divergence(histogram, kept, std::min(steps, kept));
        if (value < best) {
            best = value;
            bestKept = kept;
        }
    }
    return largest * static_cast<double>(bestKept) / static_cast<double>(kBins);
}

}  // namespace bitloupe::quantization
