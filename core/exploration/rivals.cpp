// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/rivals.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bitloupe::exploration {

Rivals::Rivals(std::vector<QuantityId> objectives) : m_costs(std::move(objectives)) {
    const auto metric = std::stable_partition(m_costs.begin(), m_costs.end(),
                                              [](QuantityId id) { return !isMetric(id); });
    m_metric.assign(metric, m_costs.end());
    m_costs.erase(metric, m_costs.end());
}

bool Rivals::canBeFound(std::span<const QuantityId> objectives) {
    return std::count_if(objectives.begin(), objectives.end(), isMetric) == 1 &&
           std::none_of(objectives.begin(), objectives.end(), [](QuantityId id) {
               return id == QuantityId::Kl || id == QuantityId::OutputMse;
           });
}

void Rivals::add(std::span<const Evaluation> evaluations) {
    for (const Evaluation& evaluation : evaluations) {
        if (evaluation.measured.stoppedEarly || evaluation.measured.hits == nullptr) {
            continue;
        }
        Member added{evaluation.measured, losses(evaluation, m_costs),
                     losses(evaluation, m_metric).front()};
        const bool isBeaten =
            std::any_of(m_members.begin(), m_members.end(), [&](const Member& member) {
                return member.loss <= added.loss && covers(member.costs, added.costs);
            });
        if (!isBeaten) {
            std::erase_if(m_members, [&](const Member& member) {
                return added.loss <= member.loss && covers(added.costs, member.costs);
            });
            m_members.push_back(std::move(added));
        }
    }
}

const Measurement* Rivals::find(std::span<const Evaluation> designs) const {
    std::vector<Losses> costs;
    std::transform(designs.begin(), designs.end(), std::back_inserter(costs),
                   [this](const Evaluation& design) { return losses(design, m_costs); });
    const Member* best = nullptr;
    for (const Member& member : m_members) {
        const bool costsNoMore = std::all_of(costs.begin(), costs.end(), [&](const Losses& cost) {
            return covers(member.costs, cost);
        });
        if (costsNoMore && (best == nullptr || member.loss < best->loss)) {
            best = &member;
        }
    }
    return best == nullptr ? nullptr : &best->measured;
}

}  // namespace bitloupe::exploration
