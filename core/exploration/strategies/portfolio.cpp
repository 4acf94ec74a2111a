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
/// Candidates that the residuals are learned for: a process costs the square of what is known for
/// each.
constexpr std::size_t kShortlist = 400;
/// How much of its spread a candidate may gain from: all of it (1) sends too many of the first
/// designs far away, none (0) stalls in the end.
constexpr double kHope = 0.5;
/// Losses below this share of the largest are all as good as none.
constexpr double kSmallestLoss = 1e-6;

}  // namespace

PortfolioStrategy::PortfolioStrategy(const StrategyRequest& request)
    : AssignmentStrategy(request),
      m_priors(gatherPriors(request.space, request.knowledge)),
      m_residuals(m_priors, kSmallestLoss),
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
    Aim aim = aimAt(costObjective);
    // The additive model's own errors say how far a candidate may be from what it predicts.
    double square = 0;
    for (const FitSample& sample : known) {
        const double off = pointOf(sample.genes, sample.loss).loss -
                           pointOf(sample.genes, model.predict(sample.genes)).loss;
        square += off * off / static_cast<double>(known.size());
    }
    for (Candidate& candidate : promising) {
        candidate.spread = std::sqrt(square);
    }
    keepBest(promising, aim, kShortlist);
    std::vector<LayerGenes> wanted;
    for (const Candidate& candidate : promising) {
        wanted.push_back(candidate.genes);
    }
    const std::vector<ExpectedLoss> expected = m_residuals.predict(model, known, wanted, m_random);
    for (std::size_t i = 0; i < promising.size(); ++i) {
        promising[i].predicted.loss = expected[i].mean;
        promising[i].spread = kHope * expected[i].spread;
    }
    return mostPromising(std::move(promising), std::move(aim));
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

PortfolioStrategy::Aim PortfolioStrategy::aimAt(std::size_t costObjective) const {
    Aim aim;
    for (const LayerGenes& genes : measuredFront(costObjective)) {
        aim.front.push_back({.cost = logarithmOf(costs().cost(genes, costObjective)),
                             .loss = std::log(positive(*loss(genes)))});
    }
    std::sort(aim.front.begin(), aim.front.end(),
              [](const Point& a, const Point& b) { return a.cost < b.cost; });
    aim.corner = aim.front.front();
    for (const Point& member : aim.front) {
        aim.corner = {.cost = std::max(aim.corner.cost, member.cost),
                      .loss = std::max(aim.corner.loss, member.loss)};
    }
    // The ends of the front may still grow: the corner lies a little beyond them.
    aim.corner = {.cost = aim.corner.cost + 0.1, .loss = aim.corner.loss + 0.1};
    if (std::isfinite(acceptableLoss())) {
        // What breaks the limit gains nothing.
        aim.corner.loss = std::min(aim.corner.loss, std::log(positive(acceptableLoss())));
    }
    return aim;
}

namespace {

/// The mean of max(height - x, 0) for a normal x.
double expectedShortfall(double height, double mean, double spread) {
    if (spread <= 0) {
        return std::max(height - mean, 0.0);
    }
    const double z = (height - mean) / spread;
    const double density = std::exp(-0.5 * z * z) * 0.3989422804014327;
    return (height - mean) * 0.5 * std::erfc(-z * 0.7071067811865476) + spread * density;
}

}  // namespace

/// Between two members of the front the area grows by what the candidate's loss lies below the
/// better one to the left: a sum of one-sided means.
double PortfolioStrategy::expectedGain(const Candidate& candidate, const Aim& aim) {
    double gain = 0;
    double left = candidate.predicted.cost;
    double height = aim.corner.loss;
    const auto add = [&](double right) {
        if (right > left) {
            gain += (right - left) *
                    expectedShortfall(height, candidate.predicted.loss, candidate.spread);
            left = right;
        }
    };
    for (const Point& member : aim.front) {
        if (member.cost > candidate.predicted.cost) {
            add(std::min(member.cost, aim.corner.cost));
        }
        height = std::min(height, member.loss);
    }
    add(aim.corner.cost);
    return gain;
}

void PortfolioStrategy::keepBest(std::vector<Candidate>& candidates, const Aim& aim,
                                 std::size_t count) {
    if (candidates.size() <= count) {
        return;
    }
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        order.emplace_back(-expectedGain(candidates[i], aim), i);
    }
    std::sort(order.begin(), order.end());
    std::vector<Candidate> kept;
    for (std::size_t i = 0; i < count; ++i) {
        kept.push_back(std::move(candidates[order[i].second]));
    }
    candidates = std::move(kept);
}

std::vector<LayerGenes> PortfolioStrategy::mostPromising(std::vector<Candidate> all,
                                                         Aim aim) const {
    std::vector<LayerGenes> chosen;
    while (chosen.size() < kGenerationDesigns && !all.empty()) {
        std::size_t best = 0;
        double bestGain = -1;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double gain = expectedGain(all[i], aim);
            if (gain > bestGain) {
                best = i;
                bestGain = gain;
            }
        }
        // As if it were measured, and as good as expected.
        const Point predicted = all[best].predicted;
        chosen.push_back(std::move(all[best].genes));
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(best));
        aim.front.insert(
            std::upper_bound(aim.front.begin(), aim.front.end(), predicted,
                             [](const Point& a, const Point& b) { return a.cost < b.cost; }),
            predicted);
    }
    return chosen;
}

}  // namespace bitloupe::exploration
