// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/normal_quantile.h"

#include <cmath>
#include <numbers>

namespace bitloupe::numerics {

namespace {

double lowerTail(double z) {
    return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

double density(double z) {
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}

}  // namespace

double normalQuantile(double probability) {
    // Solved in the lower tail, where the probability keeps its digits; Halley's rule from a start
    // that bounds the tail (Mills' ratio) converges in a handful of steps.
    const bool upper = probability > 0.5;
    const double tail = upper ? 1 - probability : probability;
    double z = tail > 0.1 ? 0.0 : -std::sqrt(-2 * std::log(tail));
    constexpr int kMaxSteps = 60;
    for (int step = 0; step < kMaxSteps; ++step) {
        const double newton = (lowerTail(z) - tail) / density(z);
        const double change = newton / (1 + z * newton / 2);
        z -= change;
        if (std::abs(change) <= 1e-15 * std::abs(z)) {
            break;
        }
    }
    return upper ? -z : z;
}

}  // namespace bitloupe::numerics
