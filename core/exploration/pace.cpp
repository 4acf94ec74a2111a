// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/pace.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::exploration {

namespace {

constexpr double kWindowSeconds = 10;

}  // namespace

void BatchSizer::learn(std::size_t count, double seconds) {
    if (count == 0) {
        return;
    }
    const double each = std::max(seconds, 1e-9) / static_cast<double>(count);
    const double fitting =
        std::max(kTargetSeconds / each, std::min(kSharing, kLongestSeconds / each));
    const double wanted = std::clamp(fitting, 1.0, 2.0 * static_cast<double>(m_size));
    m_size = std::min(static_cast<std::size_t>(wanted), kLargest);
}

ProgressMeter::ProgressMeter(Phase phase, double done, std::int64_t total, double now)
    : m_done(done), m_samples{{.done = done, .time = now}} {
    m_progress.phase = phase;
    m_progress.total = total;
    m_progress.done = static_cast<std::int64_t>(done);
}

Progress ProgressMeter::update(double done, double now) {
    m_done = std::max(m_done, done);
    m_progress.done = static_cast<std::int64_t>(m_done);
    m_samples.push_back({.done = m_done, .time = now});
    while (m_samples.size() > 2 && now - m_samples[1].time > kWindowSeconds) {
        m_samples.pop_front();
    }
    const Sample& oldest = m_samples.front();
    if (m_done > oldest.done && now > oldest.time) {
        m_progress.perSecond = (m_done - oldest.done) / (now - oldest.time);
        m_progress.secondsLeft =
            std::max(0.0, static_cast<double>(m_progress.total) - m_done) / m_progress.perSecond;
    }
    return m_progress;
}

}  // namespace bitloupe::exploration
