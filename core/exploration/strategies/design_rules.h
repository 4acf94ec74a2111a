// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/exploration/strategy.h"

namespace bitloupe::exploration {

/// SearchRules as strategies use them, on the genes of one space.
class DesignRules {
public:
    /// Rules that allow everything.
    explicit DesignRules(const DesignSpace& space);
    /// Errors: a tie of layers that the space does not have or that differ in their choices, limits
    /// on costs without `layers` to count them from.
    [[nodiscard]] static Result<DesignRules> make(const SearchRules& rules,
                                                  const DesignSpace& space,
                                                  const std::vector<network::Layer>& layers,
                                                  const FormatConversions& conversions = {});

    /// For every layer slot the first one that it is tied to; itself without a tie.
    [[nodiscard]] const std::vector<std::size_t>& leaders() const { return m_leaders; }
    [[nodiscard]] bool isLeader(std::size_t slot) const { return m_leaders[slot] == slot; }
    /// Every tied slot gets its leader's gene. Genes with or without the accelerator's.
    void tie(std::vector<std::uint16_t>& genes) const;
    [[nodiscard]] bool areTied(const std::vector<std::uint16_t>& genes) const;

    /// Ties and every limit on a cost.
    [[nodiscard]] bool allows(const Design& design) const;
    [[nodiscard]] bool hasCostLimits() const { return !m_costLimits.empty(); }
    [[nodiscard]] const std::vector<Constraint>& costLimits() const { return m_costLimits; }
    /// The limit on a measured quantity, if there is one.
    [[nodiscard]] const Constraint* limitOf(QuantityId measured) const;

private:
    Result<void> addTie(const TieGroup& tie);

    DesignSpace m_space;
    std::vector<network::Layer> m_layers;
    FormatConversions m_conversions;
    std::vector<std::size_t> m_leaders;
    std::vector<Constraint> m_costLimits;
    std::vector<Constraint> m_measuredLimits;
};

}  // namespace bitloupe::exploration
