// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/strategies/assignment_strategy.h"
#include "core/exploration/strategies/sherlock_search.h"

namespace bitloupe::exploration {

/// Sherlock over the layers' schemes. What the original learns beside the accuracy is known here:
/// costs are exact. Spaces too large to list are searched in a pool of neighbours of the measured
/// front and designs at random, made anew for every step. Limits on objectives, measured ones and
/// costs, bound the front.
class SherlockStrategy : public AssignmentStrategy {
public:
    explicit SherlockStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    [[nodiscard]] std::vector<LayerGenes> start();
    [[nodiscard]] std::vector<LayerGenes> pool();
    [[nodiscard]] Features featuresOf(const LayerGenes& genes) const;
    /// As lossesOf(): the worst that the study's limits allow.
    [[nodiscard]] Losses limits() const;
    /// What is measured, and the logarithms of the costs.
    [[nodiscard]] Losses lossesOf(const LayerGenes& genes, const Losses& measured) const;
    /// The losses that have a limit, where `losses` breaks one (a cost counts up to its limit);
    /// nothing where it keeps all of them.
    [[nodiscard]] std::optional<Losses> excess(const Losses& losses) const;

    Random m_random;
    SherlockSearch m_search;
    double m_size = 1;  ///< of the space without its accelerators
    bool m_hasStarted = false;
};

}  // namespace bitloupe::exploration
