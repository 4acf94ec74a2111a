// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/intervals.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::exploration {

namespace {

constexpr double kNormal95 = 1.959963984540054;  // two-sided 95 % of the normal distribution

}  // namespace

Interval wilsonInterval(std::int64_t hits, std::int64_t samples) {
    if (samples <= 0) {
        return {0, 1};
    }
    const auto n = static_cast<double>(samples);
    const double share = static_cast<double>(hits) / n;
    const double square = kNormal95 * kNormal95;
    const double middle = (share + square / (2 * n)) / (1 + square / n);
    const double half =
        kNormal95 / (1 + square / n) * std::sqrt(share * (1 - share) / n + square / (4 * n * n));
    return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Interval determinationInterval(double determination, std::int64_t samples) {
    if (samples <= 2 || !(determination > 0 && determination < 1)) {
        return {determination, determination};
    }
    const double error = 2 * std::sqrt(determination) * (1 - determination) /
                         std::sqrt(static_cast<double>(samples));
    return {determination - kNormal95 * error, std::min(1.0, determination + kNormal95 * error)};
}

Interval normalInterval(double value, double error, double low, double high) {
    return {std::clamp(value - kNormal95 * error, low, high),
            std::clamp(value + kNormal95 * error, low, high)};
}

Interval meanInterval(double sum, double squares, std::int64_t samples) {
    const auto n = static_cast<double>(samples);
    const double mean = sum / n;
    if (samples < 2) {
        return {mean, mean};
    }
    const double variance = std::max(0.0, (squares - sum * mean) / (n - 1));
    const double half = kNormal95 * std::sqrt(variance / n);
    return {mean - half, mean + half};
}

}  // namespace bitloupe::exploration
