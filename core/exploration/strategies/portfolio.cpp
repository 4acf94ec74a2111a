// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/portfolio.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/exploration/front.h"
#include "core/exploration/strategies/prior_fronts.h"

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kStartDesigns = 24;
constexpr std::size_t kGenerationDesigns = 8;
constexpr std::size_t kMostCandidates = 20000;
constexpr int kWalks = 200;
/// Losses below this share of the largest are all as good as none.
constexpr double kSmallestLoss = 1e-6;

}  // namespace

PortfolioStrategy::PortfolioStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request),
      m_priors(gatherPriors(request.space, request.knowledge)),
      m_random(request.settings.seed) {
    if (!m_priors.empty()) {
        m_start = priorFronts(costs(), m_priors);
    }
    if (m_start.empty()) {
        m_start = {mostPrecise()};
    }
    m_start.resize(std::min(m_start.size(), kStartDesigns));
}

std::vector<LayerGenes> PortfolioStrategy::propose() {
    if (!m_hasStarted) {
        m_hasStarted = true;
        std::vector<LayerGenes> first = start();
        if (!first.empty()) {
            return first;
        }
    }
    if (m_priors.empty() || measured().empty()) {
        return {};
    }
    return refine(m_round++ % costs().costObjectives().size());
}

std::vector<LayerGenes> PortfolioStrategy::start() {
    std::vector<LayerGenes> fresh;
    std::copy_if(m_start.begin(), m_start.end(), std::back_inserter(fresh),
                 [this](const LayerGenes& genes) { return !wasAsked(genes); });
    return fresh;
}

double PortfolioStrategy::positive(double loss) const {
    const double value = quantity(quality()).direction == Direction::Maximize ? 1 + loss : loss;
    return std::max(value, kSmallestLoss);
}

std::vector<FitSample> PortfolioStrategy::samples() const {
    std::vector<FitSample> all;
    for (const Measured& each : measured()) {
        if (std::isfinite(each.loss)) {
            const double loss = positive(each.loss);
            all.push_back({.genes = each.genes, .loss = loss, .weight = 1 / (loss * loss)});
        }
    }
    return all;
}

std::vector<LayerGenes> PortfolioStrategy::measuredFront(std::size_t costObjective) const {
    std::vector<Losses> points;
    for (const Measured& each : measured()) {
        points.push_back({costs().cost(each.genes, costObjective), each.loss});
    }
    std::vector<LayerGenes> front;
    for (const std::size_t index : paretoFront(points)) {
        front.push_back(measured()[index].genes);
    }
    return front;
}

std::vector<LayerGenes> PortfolioStrategy::refine(std::size_t costObjective) {
    const std::vector<FitSample> known = samples();
    if (known.empty()) {
        return {};
    }
    AdditiveModel model = fitAdditive(m_priors, known);
    makeMonotone(model.scores, space());
    const auto pointOf = [&](const LayerGenes& genes, double loss) {
        return Point{.cost = logarithmOf(costs().cost(genes, costObjective)),
                     .loss = std::log(std::max(loss, kSmallestLoss))};
    };
    std::vector<Candidate> promising;
    for (LayerGenes& genes : candidates(model, costObjective)) {
        const Point predicted = pointOf(genes, model.predict(genes));
        promising.push_back({.genes = std::move(genes), .predicted = predicted});
    }
    std::vector<Point> front;
    for (const LayerGenes& genes : measuredFront(costObjective)) {
        front.push_back(pointOf(genes, positive(*loss(genes))));
    }
    return mostPromising(std::move(promising), std::move(front));
}

std::vector<LayerGenes> PortfolioStrategy::candidates(const AdditiveModel& model,
                                                      std::size_t costObjective) {
    std::vector<LayerGenes> all = costs().exactFront(model.scores, costObjective);
    const std::vector<LayerGenes> front = measuredFront(costObjective);
    for (const LayerGenes& genes : front) {
        if (all.size() < kMostCandidates) {
            addNeighbours(genes, all);
        }
    }
    DesignSet seen;
    std::vector<LayerGenes> fresh;
    const auto keepFresh = [&] {
        for (LayerGenes& genes : all) {
            if (!wasAsked(genes) && isAllowed(genes) && seen.insert({.genes = genes}).second) {
                fresh.push_back(std::move(genes));
            }
        }
    };
    keepFresh();
    if (fresh.size() < kGenerationDesigns) {
        all.clear();
        addWalks(front, all);
        keepFresh();
    }
    return fresh;
}

void PortfolioStrategy::addNeighbours(const LayerGenes& genes, std::vector<LayerGenes>& all) const {
    for (std::size_t slot = 0; slot < genes.size(); ++slot) {
        for (const int step : {1, -1}) {
            const std::optional<LayerGenes> changed = moved(genes, slot, step);
            if (!changed.has_value()) {
                continue;
            }
            all.push_back(*changed);
            // A swap keeps the cost nearly fixed: one slot up, another one down.
            for (std::size_t other = slot + 1; other < genes.size(); ++other) {
                if (const auto swapped = moved(*changed, other, -step)) {
                    all.push_back(*swapped);
                }
            }
        }
    }
}

void PortfolioStrategy::addWalks(const std::vector<LayerGenes>& front,
                                 std::vector<LayerGenes>& all) {
    for (int walk = 0; walk < kWalks && !front.empty(); ++walk) {
        LayerGenes genes = front[m_random.below(front.size())];
        const std::uint64_t steps = 2 + m_random.below(4);
        for (std::uint64_t step = 0; step < steps && !genes.empty(); ++step) {
            const int direction = m_random.below(2) == 0 ? 1 : -1;
            const std::size_t slot = m_random.below(genes.size());
            genes = moved(genes, slot, direction).value_or(genes);
        }
        all.push_back(std::move(genes));
    }
}

namespace {

/// Area below the corner that the point adds to a front in ascending cost, descending loss.
template <typename P>
double gainOf(const P& point, const std::vector<P>& front, const P& corner) {
    double gain = 0;
    double left = point.cost;
    double height = corner.loss;
    for (const P& member : front) {
        if (member.cost <= point.cost) {
            height = std::min(height, member.loss);
            continue;
        }
        if (height <= point.loss || member.cost >= corner.cost) {
            break;
        }
        gain += (member.cost - left) * (height - point.loss);
        left = member.cost;
        height = std::min(height, member.loss);
    }
    if (height > point.loss && left < corner.cost) {
        gain += (corner.cost - left) * (height - point.loss);
    }
    return gain;
}

}  // namespace

std::vector<LayerGenes> PortfolioStrategy::mostPromising(std::vector<Candidate> all,
                                                         std::vector<Point> front) const {
    const auto byCost = [](const Point& a, const Point& b) { return a.cost < b.cost; };
    std::sort(front.begin(), front.end(), byCost);
    Point corner = front.front();
    for (const Point& member : front) {
        corner = {.cost = std::max(corner.cost, member.cost),
                  .loss = std::max(corner.loss, member.loss)};
    }
    // The ends of the front may still grow: the corner lies a little beyond them.
    corner = {.cost = corner.cost + 0.1, .loss = corner.loss + 0.1};
    if (std::isfinite(acceptableLoss())) {
        // What breaks the limit gains nothing.
        corner.loss = std::min(corner.loss, std::log(positive(acceptableLoss())));
    }
    std::vector<LayerGenes> chosen;
    while (chosen.size() < kGenerationDesigns && !all.empty()) {
        std::size_t best = 0;
        double bestGain = -1;
        double leastExcess = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double gain = gainOf(all[i].predicted, front, corner);
            const double excess = all[i].predicted.loss + all[i].predicted.cost;
            if (gain > bestGain || (gain == bestGain && excess < leastExcess)) {
                best = i;
                bestGain = gain;
                leastExcess = excess;
            }
        }
        const Point predicted = all[best].predicted;
        chosen.push_back(std::move(all[best].genes));
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(best));
        front.insert(std::upper_bound(front.begin(), front.end(), predicted, byCost), predicted);
    }
    return chosen;
}

}  // namespace bitloupe::exploration
