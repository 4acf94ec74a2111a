// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/exploration/strategies/allocation.h"
#include "core/exploration/strategy.h"

namespace bitloupe::exploration {

/// One number for every choice of every layer slot, in the order of DesignSpace::layerSlots().
using SlotTable = std::vector<std::vector<double>>;

/// Costs of designs as sums over layers, known before any run; what strategies trade accuracy
/// against. Bit operations couple both sides of a layer, so the unit of a sum is the layer.
class CostModel {
public:
    /// Without layers every slot counts its bits.
    CostModel(const DesignSpace& space, const std::vector<network::Layer>& layers,
              const std::vector<QuantityId>& objectives);

    /// The slots of one layer, decided together, and what its choices cost.
    struct Group {
        std::vector<std::size_t> slots;
        /// Genes of the slots, one entry an option.
        std::vector<std::vector<std::uint16_t>> options;
        /// By cost objective, then option.
        std::vector<std::vector<double>> costs;
    };
    [[nodiscard]] const std::vector<Group>& groups() const { return m_groups; }

    /// The objectives that depend on the schemes and follow from shapes alone; bit operations when
    /// none of the study's objectives does.
    [[nodiscard]] const std::vector<QuantityId>& costObjectives() const { return m_costs; }
    [[nodiscard]] double cost(const std::vector<std::uint16_t>& layerGenes,
                              std::size_t costObjective) const;

    /// Accelerators that can stand on a front. With bit-parallel elements cycles and utilization do
    /// not depend on the schemes, so the best arrays are the same for every design; with others any
    /// may be the best. The first alone when no objective asks.
    [[nodiscard]] const std::vector<std::uint16_t>& accelerators() const { return m_accelerators; }

    /// The front of `scores`, added over the slots, against a cost: genes by ascending cost.
    [[nodiscard]] std::vector<std::vector<std::uint16_t>> exactFront(
        const SlotTable& scores, std::size_t costObjective) const;

    /// Stored bits of every choice.
    [[nodiscard]] const SlotTable& bits() const { return m_bits; }

private:
    void addGroups(const DesignSpace& space, const std::vector<network::Layer>& layers);

    std::vector<QuantityId> m_costs;
    std::vector<Group> m_groups;
    std::vector<double> m_constant;  ///< by cost objective: what layers without slots cost
    std::vector<std::uint16_t> m_accelerators;
    SlotTable m_bits;
};

}  // namespace bitloupe::exploration
