// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/exploration/strategies/allocation.h"
#include "core/exploration/strategies/design_rules.h"
#include "core/exploration/strategies/joint_allocation.h"

namespace bitloupe::exploration {

/// One number for every choice of every layer slot, in the order of DesignSpace::layerSlots().
using SlotTable = std::vector<std::vector<double>>;

/// Where a cost stands on a front. Costs are counts: one of nothing is as good as one of 1.
[[nodiscard]] double logarithmOf(double cost);

/// Costs of designs as sums over layers, known before any run; what strategies trade accuracy
/// against. Bit operations couple both sides of a layer, so the unit of a sum is the layer; format
/// conversions couple layers, and are added to what they have a price in.
class CostModel {
public:
    /// Without layers every slot counts its bits.
    CostModel(const DesignSpace& space, const std::vector<network::Layer>& layers,
              const std::vector<QuantityId>& objectives)
        : CostModel(space, layers, objectives, DesignRules(space)) {}
    CostModel(const DesignSpace& space, const std::vector<network::Layer>& layers,
              const std::vector<QuantityId>& objectives, const DesignRules& rules,
              const FormatConversions& conversions = {});

    /// The slots of one layer, decided together, and what its choices cost.
    struct Group {
        std::size_t layer = 0;
        std::vector<std::size_t> slots = {};
        /// Genes of the slots, one entry an option.
        std::vector<std::vector<std::uint16_t>> options = {};
        /// By cost objective, then option.
        std::vector<std::vector<double>> costs = {};
    };
    [[nodiscard]] const std::vector<Group>& groups() const { return m_groups; }

    /// The objectives that depend on the schemes and follow from shapes alone; bit operations when
    /// none of the study's objectives does.
    [[nodiscard]] const std::vector<QuantityId>& costObjectives() const { return m_objectives; }
    [[nodiscard]] double cost(const std::vector<std::uint16_t>& layerGenes,
                              std::size_t costObjective) const;

    /// Accelerators that can stand on a front. With bit-parallel elements cycles and utilization do
    /// not depend on the schemes, so the best arrays are the same for every design; with others any
    /// may be the best. The first alone when no objective asks.
    [[nodiscard]] const std::vector<std::uint16_t>& accelerators() const { return m_accelerators; }

    /// The front of `scores`, added over the slots, against a cost: genes by ascending cost. Ties
    /// are kept exactly: layers that hang together are solved once for every choice of what they
    /// share. So is a limit on this very cost. A limit on another cost is kept by every design of
    /// the front, but the front is the best of those that a range of prices for the limited cost
    /// leads to (Lagrange relaxation): designs in between two prices may be missed.
    /// Where conversions count, layers are decided in execution order, with a front for every
    /// combination of the formats of tensors that are still read (JointProblem): exact on chains
    /// and short branches as long as the fronts stay small enough to be kept whole.
    [[nodiscard]] std::vector<std::vector<std::uint16_t>> exactFront(
        const SlotTable& scores, std::size_t costObjective) const;
    /// Whether limits on costs that follow from the schemes alone are kept.
    [[nodiscard]] bool keepsLimits(const std::vector<std::uint16_t>& layerGenes) const;

    /// Stored bits of every choice.
    [[nodiscard]] const SlotTable& bits() const { return m_bits; }

private:
    /// Layers that ties hold together: positions in m_groups, and the leading slots that more than
    /// one slot follows.
    struct Component {
        std::vector<std::size_t> groups;
        std::vector<std::size_t> shared;
    };
    struct Limit {
        std::size_t cost = 0;  ///< row of a group's costs
        Constraint constraint;
    };
    /// What a front is solved for: scores against one cost, and what a share of a limit is worth.
    struct Problem {
        const SlotTable& scores;
        std::size_t cost = 0;
        double price = 0;
    };
    using Genes = std::vector<std::uint16_t>;

    /// What layers write, by gene of the slot that decides it; one format without a slot.
    struct WrittenFormat {
        std::optional<std::size_t> slot;
        std::vector<FormatId> formats;
    };

    [[nodiscard]] std::vector<Genes> solve(const Problem& problem) const;
    [[nodiscard]] std::vector<Genes> solveJointly(const Problem& problem) const;
    [[nodiscard]] JointProblem jointProblem(const Problem& problem,
                                            std::vector<std::optional<std::size_t>>& groupOf) const;
    /// What an option of a group is worth in a problem.
    [[nodiscard]] AllocationOption worthOf(const Group& group, std::size_t option,
                                           const Problem& problem) const;
    /// What one converted element adds.
    [[nodiscard]] AllocationOption worthOfConversion(const Problem& problem) const;
    [[nodiscard]] double priceOfConversion(std::size_t cost) const;
    [[nodiscard]] double convertedElements(const Genes& layerGenes) const;
    void addFormats(const DesignSpace& space);
    /// The front of one component; writes the genes that its points stand for into `genes`, all
    /// other slots 0.
    [[nodiscard]] std::vector<AllocationOption> solveComponent(const Component& component,
                                                               const Problem& problem,
                                                               std::vector<Genes>& genes) const;
    void addComponents();
    void addLimits(const DesignSpace& space, const DesignRules& rules);
    void addGroups(const DesignSpace& space, const std::vector<network::Layer>& layers);

    std::vector<QuantityId> m_costs;  ///< the objectives, then what only limits ask for
    std::vector<QuantityId> m_objectives;
    std::vector<Group> m_groups;
    std::vector<double> m_constant;  ///< by cost objective: what layers without slots cost
    std::vector<std::size_t> m_leaders;
    std::vector<Component> m_components;
    std::vector<Limit> m_limits;
    std::vector<std::uint16_t> m_accelerators;
    SlotTable m_bits;
    FormatConversions m_conversions;
    std::vector<WrittenFormat> m_written;  ///< by layer
    std::vector<double> m_formatBits;
};

}  // namespace bitloupe::exploration
