// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/genetic.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/exploration/front.h"
#include "core/exploration/strategies/prior_fronts.h"

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kPopulation = 32;
constexpr int kAttempts = 2000;

/// Distance of the neighbours on both sides, summed over the objectives; infinite at the ends.
std::vector<double> crowdingOf(const std::vector<Losses>& points) {
    std::vector<double> crowding(points.size(), 0);
    std::vector<std::size_t> order(points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t d = 0; d < points.front().size(); ++d) {
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return points[a][d] < points[b][d]; });
        const double range = points[order.back()][d] - points[order.front()][d];
        crowding[order.front()] = std::numeric_limits<double>::infinity();
        crowding[order.back()] = std::numeric_limits<double>::infinity();
        for (std::size_t i = 1; i + 1 < order.size() && range > 0; ++i) {
            crowding[order[i]] += (points[order[i + 1]][d] - points[order[i - 1]][d]) / range;
        }
    }
    return crowding;
}

}  // namespace

GeneticStrategy::GeneticStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request), m_random(request.settings.seed) {
    m_start = priorFronts(costs(), gatherPriors(request.space, request.knowledge));
    m_start.resize(std::min(m_start.size(), kPopulation / 2));
    for (int i = 0; i < kAttempts && m_start.size() < kPopulation; ++i) {
        LayerGenes genes = anything(m_random);
        if (isAllowed(genes)) {
            m_start.push_back(std::move(genes));
        }
    }
    if (m_start.empty()) {
        m_start.push_back(mostPrecise());
    }
}

std::vector<GeneticStrategy::Individual> GeneticStrategy::survivors() const {
    std::vector<Losses> points;
    std::vector<LayerGenes> genes;
    for (const Measured& each : measured()) {
        // Nothing acceptable is beaten by what is not: that lies beyond every cost.
        const bool isWanted = isAcceptable(each.loss);
        Losses point = {each.loss};
        for (std::size_t c = 0; c < costs().costObjectives().size(); ++c) {
            point.push_back(isWanted ? costs().cost(each.genes, c)
                                     : std::numeric_limits<double>::max());
        }
        points.push_back(std::move(point));
        genes.push_back(each.genes);
    }
    std::vector<Individual> kept;
    for (std::size_t rank = 0; kept.size() < kPopulation && !points.empty(); ++rank) {
        const std::vector<std::size_t> front = paretoFront(points);
        if (front.empty()) {
            break;  // what is left has no number
        }
        std::vector<Losses> frontPoints;
        for (const std::size_t index : front) {
            frontPoints.push_back(points[index]);
        }
        const std::vector<double> crowding = crowdingOf(frontPoints);
        std::vector<Individual> ranked;
        for (std::size_t i = 0; i < front.size(); ++i) {
            ranked.push_back({.genes = genes[front[i]], .rank = rank, .crowding = crowding[i]});
        }
        std::stable_sort(ranked.begin(), ranked.end(),
                         [](const auto& a, const auto& b) { return a.crowding > b.crowding; });
        ranked.resize(std::min(ranked.size(), kPopulation - kept.size()));
        kept.insert(kept.end(), ranked.begin(), ranked.end());
        for (std::size_t i = front.size(); i > 0; --i) {
            const auto offset = static_cast<std::ptrdiff_t>(front[i - 1]);
            points.erase(points.begin() + offset);
            genes.erase(genes.begin() + offset);
        }
    }
    return kept;
}

const LayerGenes& GeneticStrategy::tournament(const std::vector<Individual>& parents) {
    const Individual& a = parents[m_random.below(parents.size())];
    const Individual& b = parents[m_random.below(parents.size())];
    const bool first = a.rank != b.rank ? a.rank < b.rank : a.crowding >= b.crowding;
    return first ? a.genes : b.genes;
}

LayerGenes GeneticStrategy::child(const std::vector<Individual>& parents) {
    LayerGenes genes = tournament(parents);
    const LayerGenes& other = tournament(parents);
    for (std::size_t slot = 0; slot < genes.size(); ++slot) {
        genes[slot] = m_random.below(2) == 0 ? genes[slot] : other[slot];
    }
    rules().tie(genes);
    // One mutation on average; a step mostly, anything sometimes.
    for (std::size_t slot = 0; slot < genes.size(); ++slot) {
        if (m_random.below(genes.size()) != 0) {
            continue;
        }
        if (m_random.below(4) == 0) {
            const std::size_t choices = costs().bits()[slot].size();
            genes[slot] = static_cast<std::uint16_t>(m_random.below(choices));
            rules().tie(genes);
        } else {
            genes = moved(genes, slot, m_random.below(2) == 0 ? 1 : -1).value_or(genes);
        }
    }
    return genes;
}

std::vector<LayerGenes> GeneticStrategy::propose() {
    if (!m_hasStarted) {
        m_hasStarted = true;
        std::erase_if(m_start, [this](const LayerGenes& genes) { return wasAsked(genes); });
        if (!m_start.empty()) {
            return m_start;
        }
    }
    const std::vector<Individual> parents = survivors();
    DesignSet seen;
    std::vector<LayerGenes> children;
    for (int i = 0; i < kAttempts && children.size() < kPopulation && !parents.empty(); ++i) {
        // When crossing finds nothing new any more, anything will do.
        LayerGenes genes = i < kAttempts / 2 ? child(parents) : anything(m_random);
        if (!wasAsked(genes) && isAllowed(genes) && seen.insert({.genes = genes}).second) {
            children.push_back(std::move(genes));
        }
    }
    return children;
}

}  // namespace bitloupe::exploration
