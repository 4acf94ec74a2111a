// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/bisection.h"

#include <algorithm>
#include <cmath>

#include "core/exploration/quantity.h"

namespace bitloupe::exploration {

namespace {

constexpr double kSlack = 0.01;

}  // namespace

BisectionStrategy::BisectionStrategy(const StrategyRequest& request) : AssignmentStrategy(request) {
    if (request.settings.target.has_value()) {
        const bool isMaximized = quantity(quality()).direction == Direction::Maximize;
        m_target = isMaximized ? -*request.settings.target : *request.settings.target;
    } else if (std::isfinite(acceptableLoss())) {
        m_target = acceptableLoss();
    }
    const std::vector<Prior> priors = gatherPriors(request.space, request.knowledge);
    if (!priors.empty()) {
        m_front = costs().exactFront(priors.front().scores, 0);
    }
    m_high = m_front.size();
}

bool BisectionStrategy::isGoodEnough(double value) const {
    if (m_target.has_value()) {
        return value <= *m_target;
    }
    const double best = *loss(mostPrecise());
    return value <= (isShare(quality()) ? best + kSlack : best + kSlack * std::abs(best));
}

std::vector<LayerGenes> BisectionStrategy::propose() {
    if (!loss(mostPrecise()).has_value()) {
        return {mostPrecise()};
    }
    std::vector<LayerGenes> next = bisect();
    return next.empty() ? cheaperNeighbours() : next;
}

std::vector<LayerGenes> BisectionStrategy::bisect() {
    while (m_low < m_high) {
        const std::size_t middle = (m_low + m_high) / 2;
        const std::optional<double> known = loss(m_front[middle]);
        if (!known.has_value()) {
            return {m_front[middle]};
        }
        if (isGoodEnough(*known)) {
            m_high = middle;
        } else {
            m_low = middle + 1;
        }
    }
    return {};
}

std::optional<LayerGenes> BisectionStrategy::cheapestGoodEnough() const {
    const Measured* best = nullptr;
    for (const Measured& candidate : measured()) {
        if (isGoodEnough(candidate.loss) &&
            (best == nullptr || costs().cost(candidate.genes, 0) < costs().cost(best->genes, 0))) {
            best = &candidate;
        }
    }
    return best == nullptr ? std::nullopt : std::optional(best->genes);
}

std::vector<LayerGenes> BisectionStrategy::cheaperNeighbours() const {
    const std::optional<LayerGenes> best = cheapestGoodEnough();
    if (!best.has_value()) {
        return {};
    }
    const double cost = costs().cost(*best, 0);
    std::vector<LayerGenes> neighbours;
    const auto consider = [&](const std::optional<LayerGenes>& genes) {
        if (genes.has_value() && !wasAsked(*genes) && isAllowed(*genes) &&
            costs().cost(*genes, 0) < cost) {
            neighbours.push_back(*genes);
        }
    };
    for (std::size_t down = 0; down < best->size(); ++down) {
        const std::optional<LayerGenes> cheaper = moved(*best, down, 1);
        consider(cheaper);
        for (std::size_t up = 0; cheaper.has_value() && up < best->size(); ++up) {
            if (up != down) {
                consider(moved(*cheaper, up, -1));
            }
        }
    }
    return neighbours;
}

}  // namespace bitloupe::exploration
