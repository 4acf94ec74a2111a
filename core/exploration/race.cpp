// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/race.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/exploration/intervals.h"

namespace bitloupe::exploration {

namespace {

/// Looks come when one of these parts of all batches was seen.
constexpr std::size_t kParts[] = {32, 16, 8, 4, 2};

}  // namespace

RacePlan::RacePlan(std::size_t batches, double confidence) {
    std::vector<std::size_t> order(batches);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::size_t seen = 0;
    for (const std::size_t part : kParts) {
        const std::size_t next = (batches + part - 1) / part;
        if (next > seen && next < batches) {
            m_stages.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(seen),
                                  order.begin() + static_cast<std::ptrdiff_t>(next));
            seen = next;
        }
    }
    m_errorOfLook =
        (1 - confidence) / static_cast<double>(std::max<std::size_t>(1, m_stages.size()));
    m_stages.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(seen), order.end());
}

bool RacePlan::isWorse(std::int64_t onlyRival, std::int64_t onlyDesign) const {
    return onlyRival > onlyDesign && mcnemarProbability(onlyRival, onlyDesign) <= m_errorOfLook;
}

double mcnemarProbability(std::int64_t onlyRival, std::int64_t onlyDesign) {
    if (onlyRival == 0) {
        return 1;
    }
    if (onlyRival <= onlyDesign) {  // the other tail is the short one
        return 1 - mcnemarProbability(onlyDesign + 1, onlyRival - 1);
    }
    const std::int64_t all = onlyRival + onlyDesign;
    // The first term in logarithms, because of 2^-n; each of the others from the one before it.
    double logarithm = -static_cast<double>(all) * std::numbers::ln2;
    for (std::int64_t i = 1; i <= onlyDesign; ++i) {
        logarithm += std::log(static_cast<double>(onlyRival + i) / static_cast<double>(i));
    }
    double term = std::exp(logarithm);
    double sum = 0;
    for (std::int64_t k = onlyRival; k <= all; ++k) {
        sum += term;
        term *= static_cast<double>(all - k) / static_cast<double>(k + 1);
    }
    return std::min(1.0, sum);
}

Measurement stoppedMeasurement(Measurement seen, const Measurement& rival, std::int64_t onlyRival,
                               std::int64_t onlyDesign) {
    const auto n = static_cast<double>(seen.samples);
    const double difference = static_cast<double>(onlyDesign - onlyRival) / n;
    const double spread =
        std::max(0.0, static_cast<double>(onlyRival + onlyDesign) - n * difference * difference);
    const Interval ofDifference = normalInterval(difference, std::sqrt(spread) / n, -1, 1);
    // Errors of independent terms add up in squares, side by side (Zou, Donner, MOVER, 2008).
    const double below =
        std::hypot(difference - ofDifference.low, rival.metric - rival.interval.low);
    const double above =
        std::hypot(ofDifference.high - difference, rival.interval.high - rival.metric);
    seen.metric = rival.metric + difference;
    seen.interval = {std::max(0.0, seen.metric - below), std::min(1.0, seen.metric + above)};
    seen.stoppedEarly = true;
    seen.hits = nullptr;
    return seen;
}

}  // namespace bitloupe::exploration
