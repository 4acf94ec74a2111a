// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/exploration/strategies/assignment_strategy.h"

namespace bitloupe::exploration {

/// A measured design for a fit.
struct FitSample {
    LayerGenes genes;
    double loss = 0;
    double weight = 1;
};

/// loss = base + the sum over the slots of scores[slot][gene]: additive, so the exact front of what
/// it predicts is a knapsack.
struct AdditiveModel {
    double base = 0;
    SlotTable scores;

    [[nodiscard]] double predict(const LayerGenes& genes) const;
};

/// Corrects priors by what was measured, by ridge regression in two steps: how much each prior
/// counts (shrunk towards equal shares), then a factor for each choice of each slot (shrunk towards
/// 1). With few samples the priors decide, with many the samples.
[[nodiscard]] AdditiveModel fitAdditive(const std::vector<Prior>& priors,
                                        std::span<const FitSample> samples);

}  // namespace bitloupe::exploration
