// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/strategies/assignment_strategy.h"

namespace bitloupe::exploration {

/// The smallest cost with at least this quality: bisects the exact front of the best prior for the
/// cheapest design that reaches StrategySettings::target, then tries cheaper neighbours (one step
/// down; one step down here and one up there) until none reaches it.
class BisectionStrategy : public AssignmentStrategy {
public:
    explicit BisectionStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    /// At least as good as the target. Without one: one point of accuracy below the most precise
    /// design of the space (for other objectives: one percent more).
    [[nodiscard]] bool isGoodEnough(double loss) const;
    [[nodiscard]] std::vector<LayerGenes> bisect();
    [[nodiscard]] std::vector<LayerGenes> cheaperNeighbours() const;
    [[nodiscard]] std::optional<LayerGenes> cheapestGoodEnough() const;

    std::optional<double> m_target;   ///< as a loss
    std::vector<LayerGenes> m_front;  ///< by ascending cost
    std::size_t m_low = 0;            ///< cheaper ones are not good enough
    std::size_t m_high = 0;           ///< it and dearer ones are, as far as the prior is right
};

}  // namespace bitloupe::exploration
