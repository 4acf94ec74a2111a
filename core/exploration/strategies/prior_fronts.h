// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/strategies/assignment_strategy.h"

namespace bitloupe::exploration {

/// The designs on the exact front of every prior and cost objective, turn by turn and each front in
/// bisection order over the logarithm of its cost.
[[nodiscard]] std::vector<LayerGenes> priorFronts(const CostModel& costs,
                                                  const std::vector<Prior>& priors);

/// Exact allocation: the fronts that additive priors predict, and nothing else. Free of charge,
/// good from the first evaluation on, and stuck where the priors are wrong.
class AllocationStrategy : public AssignmentStrategy {
public:
    explicit AllocationStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    std::vector<LayerGenes> m_fronts;
};

}  // namespace bitloupe::exploration
