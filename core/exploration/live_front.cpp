// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/live_front.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::exploration {

namespace {

/// Volume that `point` alone would add to `others`.
double gain(const Losses& point, const std::vector<LiveFront::Member>& others,
            const Losses& reference) {
    std::vector<Losses> limited;
    limited.reserve(others.size());
    for (const LiveFront::Member& other : others) {
        Losses corner = other.losses;
        for (std::size_t d = 0; d < corner.size(); ++d) {
            corner[d] = std::max(corner[d], point[d]);
        }
        limited.push_back(std::move(corner));
    }
    const std::vector<Losses> own = {point};
    return hypervolume(own, reference) - hypervolume(limited, reference);
}

}  // namespace

bool LiveFront::isBeaten(const Losses& losses, std::size_t position) const {
    if (losses.size() == 2) {
        // Of the members that are no worse in the first objective the last one is best in the
        // second.
        return position > 0 && covers(m_members[position - 1].losses, losses);
    }
    return std::any_of(m_members.begin(), m_members.begin() + static_cast<std::ptrdiff_t>(position),
                       [&](const Member& member) { return covers(member.losses, losses); });
}

void LiveFront::removeBeaten(const Losses& losses, std::size_t position) {
    const auto first = m_members.begin() + static_cast<std::ptrdiff_t>(position);
    const auto isWorse = [&](const Member& member) { return dominates(losses, member.losses); };
    if (losses.size() <= 2) {
        m_members.erase(first, std::find_if_not(first, m_members.end(), isWorse));
    } else {
        m_members.erase(std::remove_if(first, m_members.end(), isWorse), m_members.end());
    }
}

bool LiveFront::add(std::int64_t id, const Losses& losses) {
    if (std::any_of(losses.begin(), losses.end(), [](double value) { return std::isnan(value); })) {
        return false;
    }
    const auto after = std::upper_bound(
        m_members.begin(), m_members.end(), losses,
        [](const Losses& point, const Member& member) { return point < member.losses; });
    const auto position = static_cast<std::size_t>(after - m_members.begin());
    if (isBeaten(losses, position)) {
        return false;
    }
    if (m_reference.has_value()) {
        m_hypervolume += gain(losses, m_members, *m_reference);
    }
    removeBeaten(losses, position);
    m_members.insert(m_members.begin() + static_cast<std::ptrdiff_t>(position),
                     {.id = id, .losses = losses});
    return true;
}

}  // namespace bitloupe::exploration
