// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/exploration_run.h"

namespace bitloupe::exploration {

Evaluation ExplorationRun::unmeasured(const Design& design) const {
    Evaluation evaluation;
    evaluation.design = design;
    evaluation.costs = computeCosts(m_plan.layers, m_plan.space.assignment(design),
                                    m_plan.space.accelerator(design), m_plan.conversions);
    return evaluation;
}

void ExplorationRun::tell(Strategy& strategy, const std::vector<Evaluation>& evaluations) {
    strategy.tell(evaluations);
    if (m_rivals) {
        m_rivals->add(evaluations);
    }
}

void ExplorationRun::chooseRivals(const std::vector<Design>& generation) {
    m_rivalsOfKeys.clear();
    if (!m_rivals) {
        return;
    }
    // Designs that differ only in the accelerator share one measurement: their rival is to cost no
    // more than each of them.
    DesignMap<std::vector<Evaluation>> sharing;
    for (const Design& design : generation) {
        sharing[assignmentKey(design)].push_back(unmeasured(design));
    }
    for (const auto& [key, designs] : sharing) {
        if (const Measurement* rival = m_rivals->find(designs)) {
            m_rivalsOfKeys.emplace(key, *rival);
        }
    }
}

std::vector<Racer> ExplorationRun::racersOf(const Batch& batch) const {
    std::vector<Racer> racers;
    for (std::size_t i = 0; i < batch.keys.size(); ++i) {
        const auto rival = m_rivalsOfKeys.find(batch.keys[i]);
        racers.push_back({.assignment = batch.assignments[i],
                          .rival = rival == m_rivalsOfKeys.end() ? Measurement() : rival->second});
    }
    return racers;
}

void ExplorationRun::forgetStopped(const std::vector<Design>& generation) {
    for (const Design& design : generation) {
        const auto found = m_measurements.find(assignmentKey(design));
        if (found != m_measurements.end() && found->second.stoppedEarly) {
            m_measurements.erase(found);
        }
    }
}

}  // namespace bitloupe::exploration
