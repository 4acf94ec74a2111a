// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/greedy.h"

#include <algorithm>

namespace bitloupe::exploration {

GreedyStrategy::GreedyStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request), m_current(mostPrecise()) {}

std::vector<LayerGenes> GreedyStrategy::propose() {
    while (loss(m_current).has_value()) {
        std::vector<LayerGenes> steps;
        std::vector<LayerGenes> unknown;
        for (std::size_t slot = 0; slot < m_current.size(); ++slot) {
            if (auto step = moved(m_current, slot, 1); step.has_value() && isAllowed(*step)) {
                if (!loss(*step).has_value()) {
                    unknown.push_back(*step);
                }
                steps.push_back(std::move(*step));
            }
        }
        if (steps.empty() || !unknown.empty()) {
            return unknown;
        }
        m_current = bestOf(steps);
    }
    return {m_current};
}

LayerGenes GreedyStrategy::bestOf(const std::vector<LayerGenes>& steps) const {
    const double before = *loss(m_current);
    const double cost = costs().cost(m_current, 0);
    const auto price = [&](const LayerGenes& step) {
        const double saved = std::max(cost - costs().cost(step, 0), 1e-12 * cost);
        return (*loss(step) - before) / saved;
    };
    return *std::min_element(
        steps.begin(), steps.end(),
        [&](const LayerGenes& a, const LayerGenes& b) { return price(a) < price(b); });
}

}  // namespace bitloupe::exploration
