// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/strategies/assignment_strategy.h"

namespace bitloupe::exploration {

/// Bit reduction step by step: from the most precise design on, the slot whose next smaller format
/// loses least per cost saved gives way, until every slot is at its smallest. Each step measures
/// every slot's next format, so it costs one evaluation a slot.
class GreedyStrategy : public AssignmentStrategy {
public:
    explicit GreedyStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    /// The step from m_current that loses least per cost saved; all of them are measured.
    [[nodiscard]] LayerGenes bestOf(const std::vector<LayerGenes>& steps) const;

    LayerGenes m_current;
};

}  // namespace bitloupe::exploration
