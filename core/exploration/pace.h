// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "core/exploration/explorer.h"

namespace bitloupe::exploration {

/// Chooses how many assignments one population holds: as many as run in about 0.4 s, so that
/// results come often; at least four as long as that takes no more than 4 s, because a population
/// shares work. It never decides which designs are evaluated.
class BatchSizer {
public:
    static constexpr double kTargetSeconds = 0.4;
    static constexpr double kLongestSeconds = 4;
    static constexpr double kSharing = 4;
    static constexpr std::size_t kLargest = 512;

    [[nodiscard]] std::size_t size() const { return m_size; }
    /// `count` assignments took `seconds`. The size at most doubles at a time: the first batch of a
    /// phase shares least and says little.
    void learn(std::size_t count, double seconds);

private:
    std::size_t m_size = 1;
};

/// Rate and remaining time of one phase, from the last ten seconds of work.
class ProgressMeter {
public:
    ProgressMeter() = default;
    /// `now` on any clock that stands still while nothing is worked on.
    ProgressMeter(Phase phase, double done, std::int64_t total, double now);

    /// `done` may hold a share of a design in work; what is reported never falls.
    Progress update(double done, double now);

private:
    struct Sample {
        double done = 0;
        double time = 0;
    };
    Progress m_progress;
    double m_done = 0;
    std::deque<Sample> m_samples;
};

}  // namespace bitloupe::exploration
