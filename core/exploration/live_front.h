// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/exploration/front.h"

namespace bitloupe::exploration {

/// A front that is kept while evaluations arrive, with its hypervolume when a reference point is
/// given. Agrees with paretoFront() and hypervolume() over everything that was added.
class LiveFront {
public:
    struct Member {
        std::int64_t id = 0;  ///< whatever the caller calls the point, for instance Evaluation::id
        Losses losses;
    };

    LiveFront() = default;
    /// `reference` as losses; the hypervolume stays 0 without one.
    explicit LiveFront(std::optional<Losses> reference) : m_reference(std::move(reference)) {}

    /// True when the point joins the front; members that it beats leave. Every point has the same
    /// length. O(log n + removed) for two objectives, O(front) for others, hypervolume apart.
    bool add(std::int64_t id, const Losses& losses);

    /// By ascending losses, the first objective first.
    [[nodiscard]] const std::vector<Member>& members() const { return m_members; }
    [[nodiscard]] double hypervolume() const { return m_hypervolume; }

private:
    /// Whether a member before `position`, where the point would stand, is at least as good.
    [[nodiscard]] bool isBeaten(const Losses& losses, std::size_t position) const;
    void removeBeaten(const Losses& losses, std::size_t position);

    std::optional<Losses> m_reference;
    std::vector<Member> m_members;
    double m_hypervolume = 0;
};

}  // namespace bitloupe::exploration
