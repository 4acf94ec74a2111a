// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/strategies/assignment_strategy.h"
#include "core/exploration/strategies/sherlock_search.h"

namespace bitloupe::exploration {

/// Sherlock over the layers' schemes. What the original learns beside the accuracy is known here:
/// costs are exact. Spaces too large to list are searched in a pool of neighbours of the measured
/// front and designs at random, made anew for every step. A limit on the quality bounds the front.
class SherlockStrategy : public AssignmentStrategy {
public:
    explicit SherlockStrategy(const StrategyRequest& request);

protected:
    std::vector<LayerGenes> propose() override;

private:
    [[nodiscard]] std::vector<LayerGenes> start();
    [[nodiscard]] std::vector<LayerGenes> pool();
    [[nodiscard]] Features featuresOf(const LayerGenes& genes) const;
    /// As lossesOf(): the worst that the study's limit on the quality allows.
    [[nodiscard]] Losses limits() const;
    /// Loss, NaN when `loss` has none, and the logarithms of the costs.
    [[nodiscard]] Losses lossesOf(const LayerGenes& genes, std::optional<double> loss) const;

    Random m_random;
    SherlockSearch m_search;
    double m_size = 1;  ///< of the space without its accelerators
    bool m_hasStarted = false;
};

}  // namespace bitloupe::exploration
