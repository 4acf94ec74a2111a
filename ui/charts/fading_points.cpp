// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/fading_points.h"

#include <algorithm>

namespace bitloupe::charts {

namespace {

constexpr int kFade = 300;             // ms
constexpr int kStep = 40;              // ms
constexpr std::size_t kMostNew = 500;  // drawn one by one while they fade

}  // namespace

FadingPoints::FadingPoints(std::function<void()> changed) : m_changed(std::move(changed)) {
    m_clock.start();
    m_timer.setInterval(kStep);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { advance(); });
}

void FadingPoints::add(std::size_t first, std::size_t count) {
    if (first >= count || count - first > kMostNew) {
        return;
    }
    m_groups.push_back({first, m_clock.elapsed()});
    m_timer.start();
}

void FadingPoints::clear() {
    m_groups.clear();
    m_timer.stop();
}

std::size_t FadingPoints::settled(std::size_t count) const {
    return m_groups.empty() ? count : std::min(count, m_groups.front().first);
}

double FadingPoints::strength(const Group& group) const {
    return std::clamp(static_cast<double>(m_clock.elapsed() - group.since) / kFade, 0.0, 1.0);
}

void FadingPoints::advance() {
    std::erase_if(m_groups, [this](const Group& group) { return strength(group) >= 1; });
    if (m_groups.empty()) {
        m_timer.stop();
    }
    m_changed();
}

}  // namespace bitloupe::charts
