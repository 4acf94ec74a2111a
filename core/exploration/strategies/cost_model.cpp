// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/strategies/cost_model.h"

#include <algorithm>
#include <numeric>

#include "core/exploration/explorer.h"
#include "core/exploration/front.h"

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

bool dependsOnSchemes(QuantityId id, const DesignSpace& space) {
    return id == QuantityId::Bops || id == QuantityId::WeightBits ||
           (id == QuantityId::Cycles && cyclesFollowWidths(space));
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
                                                 const std::vector<QuantityId>& objectives) {
    std::vector<QuantityId> hardware;
    std::copy_if(objectives.begin(), objectives.end(), std::back_inserter(hardware),
                 dependsOnAccelerator);
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

CostModel::CostModel(const DesignSpace& space, const std::vector<network::Layer>& layers,
                     const std::vector<QuantityId>& objectives)
    : m_accelerators(efficientAccelerators(space, layers, objectives)) {
    std::copy_if(objectives.begin(), objectives.end(), std::back_inserter(m_costs),
                 [&space](QuantityId id) { return dependsOnSchemes(id, space); });
    if (m_costs.empty()) {
        m_costs.push_back(QuantityId::Bops);
    }
    for (const Slot& slot : space.layerSlots()) {
        std::vector<double> bits;
        for (const quantization::Quantizer& quantizer : space.choices(slot)) {
            bits.push_back(quantizer.storedBits());
        }
        m_bits.push_back(std::move(bits));
    }
    addGroups(space, layers);
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
        Group group;
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
                (slot.side == Side::Weights ? scheme.weights : scheme.activations) =
                    space.choices(slot)[genes[i]];
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
    return sum;
}

std::vector<std::vector<std::uint16_t>> CostModel::exactFront(const SlotTable& scores,
                                                              std::size_t costObjective) const {
    std::vector<std::vector<AllocationOption>> groups;
    for (const Group& group : m_groups) {
        std::vector<AllocationOption> options;
        for (std::size_t option = 0; option < group.options.size(); ++option) {
            double score = 0;
            for (std::size_t i = 0; i < group.slots.size(); ++i) {
                score += scores[group.slots[i]][group.options[option][i]];
            }
            options.push_back({.cost = group.costs[costObjective][option], .score = score});
        }
        groups.push_back(std::move(options));
    }
    std::vector<std::vector<std::uint16_t>> front;
    for (const AllocationPoint& point : allocate(groups, kMostStates)) {
        std::vector<std::uint16_t> genes(m_bits.size());
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            const std::vector<std::uint16_t>& chosen = m_groups[g].options[point.options[g]];
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                genes[m_groups[g].slots[i]] = chosen[i];
            }
        }
        front.push_back(std::move(genes));
    }
    return front;
}

}  // namespace bitloupe::exploration
