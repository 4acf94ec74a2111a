// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/assignment_strategy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/exploration/quantity.h"

namespace bitloupe::exploration {

namespace {

std::vector<QuantityId> qualitiesAmong(const std::vector<QuantityId>& objectives) {
    std::vector<QuantityId> qualities;
    std::copy_if(objectives.begin(), objectives.end(), std::back_inserter(qualities),
                 [](QuantityId id) {
                     return isMetric(id) || id == QuantityId::Kl || id == QuantityId::OutputMse;
                 });
    return qualities.empty() ? std::vector{QuantityId::Accuracy} : qualities;
}

LayerGenes layerGenes(const Design& design) {
    return {design.genes.begin(), design.genes.end() - (design.genes.empty() ? 0 : 1)};
}

}  // namespace

AssignmentStrategy::AssignmentStrategy(const StrategyRequest& request)
    : m_space(request.space),
      m_rules(request.rules),
      m_costs(request.space, request.knowledge.layers, request.objectives, request.rules,
              request.knowledge.conversions),
      m_qualities(qualitiesAmong(request.objectives)) {
    for (const std::vector<double>& bits : m_costs.bits()) {
        std::vector<std::uint16_t> order(bits.size());
        std::iota(order.begin(), order.end(), std::uint16_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::uint16_t a, std::uint16_t b) { return bits[a] > bits[b]; });
        m_byFallingBits.push_back(std::move(order));
    }
    m_mostPrecise = findMostPrecise();
}

std::vector<Design> AssignmentStrategy::ask(std::size_t count) {
    while (m_pending.empty()) {
        bool isNew = false;
        const std::vector<LayerGenes> proposed = propose();
        for (const LayerGenes& genes : proposed) {
            if (!m_askedGenes.insert({.genes = genes}).second) {
                continue;
            }
            isNew = true;
            for (const std::uint16_t accelerator : m_costs.accelerators()) {
                Design design{.genes = genes};
                design.genes.push_back(accelerator);
                if (m_rules.allows(design) && m_seen.insert(design).second) {
                    m_pending.push_back(std::move(design));
                }
            }
        }
        if (!isNew) {
            return {};
        }
    }
    const std::size_t taken = std::min(count, m_pending.size());
    const auto end = m_pending.begin() + static_cast<std::ptrdiff_t>(taken);
    std::vector<Design> designs(m_pending.begin(), end);
    m_pending.erase(m_pending.begin(), end);
    return designs;
}

void AssignmentStrategy::tell(std::span<const Evaluation> evaluations) {
    for (const Evaluation& evaluation : evaluations) {
        m_seen.insert(evaluation.design);
        const LayerGenes genes = layerGenes(evaluation.design);
        if (m_positions.emplace(Design{.genes = genes}, m_measured.size()).second) {
            Losses all = losses(evaluation, m_qualities);
            const double first = all.front();
            m_measured.push_back({.genes = genes, .loss = first, .losses = std::move(all)});
        }
    }
}

std::optional<double> AssignmentStrategy::loss(const LayerGenes& genes) const {
    const auto found = m_positions.find({.genes = genes});
    if (found == m_positions.end()) {
        return std::nullopt;
    }
    return m_measured[found->second].loss;
}

bool AssignmentStrategy::wasAsked(const LayerGenes& genes) const {
    return m_askedGenes.contains({.genes = genes}) || m_positions.contains({.genes = genes});
}

bool AssignmentStrategy::isAllowed(const LayerGenes& genes) const {
    if (!m_rules.areTied(genes) || !m_costs.keepsLimits(genes)) {
        return false;
    }
    Design design{.genes = genes};
    design.genes.push_back(0);
    return !m_rules.hasCostLimits() ||
           std::any_of(m_costs.accelerators().begin(), m_costs.accelerators().end(),
                       [&](std::uint16_t accelerator) {
                           design.genes.back() = accelerator;
                           return m_rules.allows(design);
                       });
}

double AssignmentStrategy::qualityOf(double loss) const {
    return quantity(quality()).direction == Direction::Maximize ? -loss : loss;
}

bool AssignmentStrategy::isAcceptable(double loss) const {
    const Constraint* limit = m_rules.limitOf(quality());
    return limit == nullptr || limit->holds(qualityOf(loss));
}

double AssignmentStrategy::acceptableLoss(QuantityId measured) const {
    const Constraint* limit = m_rules.limitOf(measured);
    const bool isMaximized = quantity(measured).direction == Direction::Maximize;
    const std::optional<double> end =
        limit == nullptr ? std::nullopt : (isMaximized ? limit->atLeast : limit->atMost);
    return end.has_value() ? (isMaximized ? -*end : *end) : std::numeric_limits<double>::infinity();
}

LayerGenes AssignmentStrategy::anything(Random& random) const {
    LayerGenes genes;
    for (const std::vector<double>& choices : m_costs.bits()) {
        genes.push_back(static_cast<std::uint16_t>(random.below(choices.size())));
    }
    m_rules.tie(genes);
    return genes;
}

LayerGenes AssignmentStrategy::findMostPrecise() const {
    LayerGenes genes;
    for (const std::vector<std::uint16_t>& order : m_byFallingBits) {
        genes.push_back(order.front());
    }
    m_rules.tie(genes);
    const auto noise = [this](const LayerGenes& each) {
        double sum = 0;
        for (std::size_t slot = 0; slot < each.size(); ++slot) {
            sum += std::exp2(-2 * m_costs.bits()[slot][each[slot]]);
        }
        return sum;
    };
    while (m_rules.hasCostLimits() && !isAllowed(genes)) {
        std::optional<LayerGenes> best;
        double bestPrice = 0;
        for (std::size_t slot = 0; slot < genes.size(); ++slot) {
            const std::optional<LayerGenes> step = moved(genes, slot, 1);
            if (!step.has_value()) {
                continue;
            }
            const double saved = m_costs.cost(genes, 0) - m_costs.cost(*step, 0);
            const double price = (noise(*step) - noise(genes)) / std::max(saved, 1e-9);
            if (!best.has_value() || price < bestPrice) {
                best = step;
                bestPrice = price;
            }
        }
        if (!best.has_value()) {
            break;  // not even the smallest design is allowed: nothing will be asked for
        }
        genes = std::move(*best);
    }
    return genes;
}

std::optional<LayerGenes> AssignmentStrategy::moved(const LayerGenes& genes, std::size_t slot,
                                                    int step) const {
    if (!m_rules.isLeader(slot)) {
        return std::nullopt;
    }
    const std::vector<std::uint16_t>& order = m_byFallingBits[slot];
    const auto found = std::find(order.begin(), order.end(), genes[slot]);
    const std::ptrdiff_t wanted = found - order.begin() + step;
    if (wanted < 0 || wanted >= static_cast<std::ptrdiff_t>(order.size())) {
        return std::nullopt;
    }
    LayerGenes changed = genes;
    changed[slot] = order[static_cast<std::size_t>(wanted)];
    m_rules.tie(changed);
    return changed;
}

std::vector<std::size_t> bisectionOrder(const std::vector<double>& positions) {
    if (positions.empty()) {
        return {};
    }
    std::vector<std::size_t> order = {0};
    std::deque<std::pair<std::size_t, std::size_t>> gaps;
    if (positions.size() > 1) {
        order.push_back(positions.size() - 1);
        gaps.emplace_back(0, positions.size() - 1);
    }
    while (!gaps.empty()) {
        const auto [low, high] = gaps.front();
        gaps.pop_front();
        if (high - low < 2) {
            continue;
        }
        const double middle = (positions[low] + positions[high]) / 2;
        const auto begin = positions.begin() + static_cast<std::ptrdiff_t>(low) + 1;
        const auto end = positions.begin() + static_cast<std::ptrdiff_t>(high);
        const auto above = std::min(std::lower_bound(begin, end, middle), end - 1);
        const auto found = static_cast<std::size_t>(above - positions.begin());
        order.push_back(found);
        gaps.emplace_back(low, found);
        gaps.emplace_back(found, high);
    }
    return order;
}

}  // namespace bitloupe::exploration
