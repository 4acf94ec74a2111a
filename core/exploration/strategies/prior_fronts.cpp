// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/prior_fronts.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bitloupe::exploration {

namespace {

std::vector<LayerGenes> inBisectionOrder(const CostModel& costs, std::vector<LayerGenes> front,
                                         std::size_t costObjective) {
    std::vector<double> positions;
    positions.reserve(front.size());
    for (const LayerGenes& genes : front) {
        positions.push_back(logarithmOf(costs.cost(genes, costObjective)));
    }
    std::vector<LayerGenes> ordered;
    ordered.reserve(front.size());
    for (const std::size_t index : bisectionOrder(positions)) {
        ordered.push_back(std::move(front[index]));
    }
    return ordered;
}

}  // namespace

std::vector<LayerGenes> priorFronts(const CostModel& costs, const std::vector<Prior>& priors) {
    std::vector<std::vector<LayerGenes>> fronts;
    std::size_t longest = 0;
    for (const Prior& prior : priors) {
        for (std::size_t c = 0; c < costs.costObjectives().size(); ++c) {
            fronts.push_back(inBisectionOrder(costs, costs.exactFront(prior.scores, c), c));
            longest = std::max(longest, fronts.back().size());
        }
    }
    std::vector<LayerGenes> all;
    DesignSet seen;
    for (std::size_t i = 0; i < longest; ++i) {
        for (const std::vector<LayerGenes>& front : fronts) {
            if (i < front.size() && seen.insert({.genes = front[i]}).second) {
                all.push_back(front[i]);
            }
        }
    }
    return all;
}

AllocationStrategy::AllocationStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request),
      m_fronts(priorFronts(costs(), gatherPriors(request.space, request.knowledge))) {}

std::vector<LayerGenes> AllocationStrategy::propose() {
    return m_fronts;
}

}  // namespace bitloupe::exploration
