// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/exploration/evaluation.h"
#include "core/exploration/front.h"

namespace bitloupe::exploration {

/// Finds whom a new design races against: of everything added, the best design that costs no more.
/// What it finds follows from what was added and in which order, and from nothing else.
class Rivals {
public:
    explicit Rivals(std::vector<QuantityId> objectives);

    /// Whether a design can be beaten by fewer samples at all: the objectives are a metric and
    /// costs, which are known beforehand; not KL or the output error, which are measured too.
    [[nodiscard]] static bool canBeFound(std::span<const QuantityId> objectives);

    /// Evaluations that were stopped early, or that have no hits, are nobody's rivals.
    void add(std::span<const Evaluation> evaluations);

    /// The measurement with the best metric among the designs that cost no more than every one of
    /// `designs` (of which only the costs are looked at); the first one added of equals. Null when
    /// there is none. Valid until the next add().
    [[nodiscard]] const Measurement* find(std::span<const Evaluation> designs) const;

private:
    struct Member {
        Measurement measured;
        Losses costs;
        double loss = 0;  ///< of the metric
    };

    std::vector<QuantityId> m_metric;  ///< one, or none
    std::vector<QuantityId> m_costs;
    std::vector<Member> m_members;  ///< none costs no more and is as good as another
};

}  // namespace bitloupe::exploration
