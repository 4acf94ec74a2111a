// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/cost_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "core/exploration/explorer.h"
#include "core/exploration/front.h"
#include "core/exploration/scheme_side.h"

namespace bitloupe::exploration {

namespace {

/// Intermediate fronts of deep networks are thinned to this: a solve stays below 0.2 s.
constexpr std::size_t kMostStates = 4096;

/// Bit-serial and bit-composable elements are faster on narrow formats.
bool cyclesFollowWidths(const DesignSpace& space) {
    const auto& arrays = space.accelerators();
    return std::any_of(arrays.begin(), arrays.end(), [](const hardware::Accelerator& array) {
        return array.element != hardware::ProcessingElement::BitParallel;
    });
}

bool dependsOnSchemes(QuantityId id, const DesignSpace& space, const ConversionPrice& price) {
    return id == QuantityId::Bops || id == QuantityId::WeightBits ||
           id == QuantityId::Conversions ||
           (id == QuantityId::Cycles && (cyclesFollowWidths(space) || price.cycles > 0));
}

bool dependsOnAccelerator(QuantityId id) {
    return id == QuantityId::Cycles || id == QuantityId::Utilization;
}

double valueOf(const Costs& costs, QuantityId id) {
    Evaluation evaluation;
    evaluation.costs = costs;
    return evaluation.value(id);
}

std::vector<std::uint16_t> efficientAccelerators(const DesignSpace& space,
                                                 const std::vector<network::Layer>& layers,
                                                 const std::vector<QuantityId>& objectives,
                                                 const DesignRules& rules) {
    std::vector<QuantityId> hardware;
    std::copy_if(objectives.begin(), objectives.end(), std::back_inserter(hardware),
                 dependsOnAccelerator);
    for (const Constraint& limit : rules.costLimits()) {
        if (dependsOnAccelerator(limit.quantity)) {
            hardware.push_back(limit.quantity);
        }
    }
    if (hardware.empty() || layers.empty()) {
        return {0};
    }
    if (cyclesFollowWidths(space)) {
        std::vector<std::uint16_t> all(space.accelerators().size());
        std::iota(all.begin(), all.end(), std::uint16_t{0});
        return all;
    }
    std::vector<Evaluation> arrays(space.accelerators().size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        arrays[i].costs = computeCosts(layers, {}, space.accelerators()[i]);
    }
    std::vector<std::uint16_t> efficient;
    for (const std::size_t index : paretoFront(arrays, hardware)) {
        efficient.push_back(static_cast<std::uint16_t>(index));
    }
    return efficient;
}

}  // namespace

double logarithmOf(double cost) {
    return std::log(std::max(cost, 1.0));
}

CostModel::CostModel(const DesignSpace& space, const std::vector<network::Layer>& layers,
                     const std::vector<QuantityId>& objectives, const DesignRules& rules,
                     const FormatConversions& conversions)
    : m_leaders(rules.leaders()),
      m_accelerators(efficientAccelerators(space, layers, objectives, rules)),
      m_conversions(conversions) {
    std::copy_if(objectives.begin(), objectives.end(), std::back_inserter(m_objectives),
                 [&](QuantityId id) { return dependsOnSchemes(id, space, conversions.price()); });
    if (m_objectives.empty()) {
        m_objectives.push_back(QuantityId::Bops);
    }
    m_costs = m_objectives;
    addLimits(space, rules);
    for (const Slot& slot : space.layerSlots()) {
        std::vector<double> bits;
        for (const quantization::Quantizer& quantizer : space.choices(slot)) {
            bits.push_back(quantizer.storedBits());
        }
        m_bits.push_back(std::move(bits));
    }
    addGroups(space, layers);
    addComponents();
    addFormats(space);
}

/// Cycles are summed per layer on the first array only, so a limit on them is left to the design.
void CostModel::addLimits(const DesignSpace& space, const DesignRules& rules) {
    for (const Constraint& constraint : rules.costLimits()) {
        if (!dependsOnSchemes(constraint.quantity, space, m_conversions.price()) ||
            constraint.quantity == QuantityId::Cycles) {
            continue;
        }
        const auto found = std::find(m_costs.begin(), m_costs.end(), constraint.quantity);
        m_limits.push_back(
            {.cost = static_cast<std::size_t>(found - m_costs.begin()), .constraint = constraint});
        if (found == m_costs.end()) {
            m_costs.push_back(constraint.quantity);
        }
    }
}

namespace {

/// Every combination of the slots' genes.
std::vector<std::vector<std::uint16_t>> combinations(const std::vector<std::size_t>& slots,
                                                     const SlotTable& bits) {
    std::vector<std::vector<std::uint16_t>> all = {{}};
    for (const std::size_t slot : slots) {
        std::vector<std::vector<std::uint16_t>> longer;
        for (const std::vector<std::uint16_t>& begun : all) {
            for (std::size_t gene = 0; gene < bits[slot].size(); ++gene) {
                longer.push_back(begun);
                longer.back().push_back(static_cast<std::uint16_t>(gene));
            }
        }
        all = std::move(longer);
    }
    return all;
}

}  // namespace

void CostModel::addGroups(const DesignSpace& space, const std::vector<network::Layer>& layers) {
    m_constant.assign(m_costs.size(), 0);
    for (std::size_t layer = 0; layer < space.layers().size(); ++layer) {
        Group group{.layer = layer};
        for (std::size_t i = 0; i < space.layerSlots().size(); ++i) {
            if (space.layerSlots()[i].layer == layer) {
                group.slots.push_back(i);
            }
        }
        group.options = combinations(group.slots, m_bits);
        group.costs.assign(m_costs.size(), {});
        for (const std::vector<std::uint16_t>& genes : group.options) {
            quantization::LayerScheme scheme;
            double plainBits = 0;
            for (std::size_t i = 0; i < genes.size(); ++i) {
                const Slot& slot = space.layerSlots()[group.slots[i]];
                sideOf(scheme, slot.side) = space.choices(slot)[genes[i]];
                plainBits += m_bits[group.slots[i]][genes[i]];
            }
            const Costs costs = layers.empty() ? Costs{}
                                               : computeCosts({layers.at(layer)}, {scheme},
                                                              space.accelerators().front());
            for (std::size_t c = 0; c < m_costs.size(); ++c) {
                group.costs[c].push_back(layers.empty() ? plainBits : valueOf(costs, m_costs[c]));
            }
        }
        if (group.slots.empty()) {
            for (std::size_t c = 0; c < m_costs.size(); ++c) {
                m_constant[c] += group.costs[c].front();
            }
        } else {
            m_groups.push_back(std::move(group));
        }
    }
}

double CostModel::cost(const std::vector<std::uint16_t>& layerGenes,
                       std::size_t costObjective) const {
    double sum = m_constant[costObjective];
    for (const Group& group : m_groups) {
        std::size_t option = 0;  // combinations() counts with the last slot fastest
        for (const std::size_t slot : group.slots) {
            option = option * m_bits[slot].size() + layerGenes[slot];
        }
        sum += group.costs[costObjective][option];
    }
    const double price = priceOfConversion(costObjective);
    return price > 0 ? sum + price * convertedElements(layerGenes) : sum;
}

AllocationOption CostModel::worthOf(const Group& group, std::size_t option,
                                    const Problem& problem) const {
    double score = 0;
    for (std::size_t i = 0; i < group.slots.size(); ++i) {
        score += problem.scores[group.slots[i]][group.options[option][i]];
    }
    for (const Limit& limit : m_limits) {
        const double most = limit.constraint.atMost.value_or(0);
        score += most > 0 ? problem.price * group.costs[limit.cost][option] / most : 0;
    }
    return {.cost = group.costs[problem.cost][option], .score = score};
}

/// Connects layers through the leaders that their slots have in common.
void CostModel::addComponents() {
    std::vector<std::size_t> followers(m_leaders.size(), 0);
    for (const std::size_t leader : m_leaders) {
        ++followers[leader];
    }
    for (std::size_t g = 0; g < m_groups.size(); ++g) {
        Component joined{.groups = {g}, .shared = {}};
        for (const std::size_t slot : m_groups[g].slots) {
            const std::size_t leader = m_leaders[slot];
            if (followers[leader] > 1 && std::find(joined.shared.begin(), joined.shared.end(),
                                                   leader) == joined.shared.end()) {
                joined.shared.push_back(leader);
            }
        }
        for (std::size_t c = m_components.size(); c > 0; --c) {
            const Component& other = m_components[c - 1];
            if (std::find_first_of(other.shared.begin(), other.shared.end(), joined.shared.begin(),
                                   joined.shared.end()) == other.shared.end()) {
                continue;
            }
            joined.groups.insert(joined.groups.end(), other.groups.begin(), other.groups.end());
            joined.shared.insert(joined.shared.end(), other.shared.begin(), other.shared.end());
            std::sort(joined.shared.begin(), joined.shared.end());
            joined.shared.erase(std::unique(joined.shared.begin(), joined.shared.end()),
                                joined.shared.end());
            m_components.erase(m_components.begin() + static_cast<std::ptrdiff_t>(c - 1));
        }
        m_components.push_back(std::move(joined));
    }
}

std::vector<AllocationOption> CostModel::solveComponent(const Component& component,
                                                        const Problem& problem,
                                                        std::vector<Genes>& genes) const {
    std::vector<AllocationOption> front;
    for (const Genes& shared : combinations(component.shared, m_bits)) {
        const auto fits = [&](const Group& group, const Genes& option) {
            for (std::size_t i = 0; i < option.size(); ++i) {
                const auto found = std::find(component.shared.begin(), component.shared.end(),
                                             m_leaders[group.slots[i]]);
                if (found != component.shared.end() &&
                    option[i] !=
                        shared[static_cast<std::size_t>(found - component.shared.begin())]) {
                    return false;
                }
            }
            return true;
        };
        std::vector<std::vector<AllocationOption>> groups;
        std::vector<std::vector<std::size_t>> positions;
        for (const std::size_t g : component.groups) {
            const Group& group = m_groups[g];
            std::vector<AllocationOption> options;
            std::vector<std::size_t> fitting;
            for (std::size_t option = 0; option < group.options.size(); ++option) {
                if (!fits(group, group.options[option])) {
                    continue;
                }
                options.push_back(worthOf(group, option, problem));
                fitting.push_back(option);
            }
            groups.push_back(std::move(options));
            positions.push_back(std::move(fitting));
        }
        for (const AllocationPoint& point : allocate(groups, kMostStates)) {
            front.push_back({.cost = point.cost, .score = point.score});
            Genes chosen(m_bits.size(), 0);
            for (std::size_t i = 0; i < component.groups.size(); ++i) {
                const Group& group = m_groups[component.groups[i]];
                const Genes& option = group.options[positions[i][point.options[i]]];
                for (std::size_t s = 0; s < option.size(); ++s) {
                    chosen[group.slots[s]] = option[s];
                }
            }
            genes.push_back(std::move(chosen));
        }
    }
    return front;
}

std::vector<CostModel::Genes> CostModel::solve(const Problem& problem) const {
    const AllocationOption conversion = worthOfConversion(problem);
    if (!m_conversions.flow().tensors.empty() && (conversion.cost > 0 || conversion.score > 0)) {
        return solveJointly(problem);
    }
    std::vector<std::vector<AllocationOption>> options;
    std::vector<std::vector<Genes>> genes(m_components.size());
    for (std::size_t c = 0; c < m_components.size(); ++c) {
        options.push_back(solveComponent(m_components[c], problem, genes[c]));
    }
    std::vector<Genes> front;
    for (const AllocationPoint& point : allocate(options, kMostStates)) {
        Genes chosen(m_bits.size(), 0);
        for (std::size_t c = 0; c < m_components.size(); ++c) {
            const Genes& part = genes[c][point.options[c]];
            // Parts stand in different slots.
            std::transform(
                chosen.begin(), chosen.end(), part.begin(), chosen.begin(),
                [](std::uint16_t a, std::uint16_t b) { return static_cast<std::uint16_t>(a + b); });
        }
        front.push_back(std::move(chosen));
    }
    return front;
}

bool CostModel::keepsLimits(const std::vector<std::uint16_t>& layerGenes) const {
    return std::all_of(m_limits.begin(), m_limits.end(), [&](const Limit& limit) {
        return limit.constraint.holds(cost(layerGenes, limit.cost));
    });
}

std::vector<std::vector<std::uint16_t>> CostModel::exactFront(const SlotTable& scores,
                                                              std::size_t costObjective) const {
    std::vector<Genes> found = solve({.scores = scores, .cost = costObjective});
    const bool hasOtherLimits =
        std::any_of(m_limits.begin(), m_limits.end(), [costObjective](const Limit& limit) {
            return limit.cost != costObjective && limit.constraint.atMost.has_value();
        });
    double worst = 0;  // of all scores together: beyond it a price leaves nothing to the scores
    for (const std::vector<double>& slot : scores) {
        worst += *std::max_element(slot.begin(), slot.end());
    }
    for (double price = worst * 0x1p-14; hasOtherLimits && price <= worst * 4; price *= 2) {
        std::vector<Genes> more = solve({.scores = scores, .cost = costObjective, .price = price});
        found.insert(found.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
    if (m_limits.empty()) {
        return found;
    }
    std::erase_if(found, [this](const Genes& genes) { return !keepsLimits(genes); });
    std::vector<Losses> points;
    for (const Genes& genes : found) {
        double score = 0;
        for (std::size_t slot = 0; slot < genes.size(); ++slot) {
            score += scores[slot][genes[slot]];
        }
        points.push_back({cost(genes, costObjective), score});
    }
    std::vector<std::size_t> kept = paretoFront(points);
    std::sort(kept.begin(), kept.end(),
              [&points](std::size_t a, std::size_t b) { return points[a] < points[b]; });
    std::vector<Genes> front;
    for (const std::size_t index : kept) {
        front.push_back(std::move(found[index]));
    }
    return front;
}

}  // namespace bitloupe::exploration
