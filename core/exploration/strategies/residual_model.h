// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/base/random.h"
#include "core/exploration/strategies/additive_fit.h"
#include "core/exploration/strategies/surrogates.h"

namespace bitloupe::exploration {

/// The logarithm of a loss as it is expected, and how far it may be off.
struct ExpectedLoss {
    double mean = 0;
    double spread = 0;  ///< standard deviation
};

/// What an additive model gets wrong: layers that make up for each other, losses that end at
/// guessing. A Gaussian process learns the logarithm of measured over predicted loss, from how much
/// each choice loses alone by the priors and from the prediction itself; far from everything
/// measured it says nothing, and the additive model stands.
class ResidualModel {
public:
    /// `smallest`: losses below it are as good as it.
    ResidualModel(const std::vector<Prior>& priors, double smallest);

    /// One for every wanted design.
    [[nodiscard]] std::vector<ExpectedLoss> predict(const AdditiveModel& model,
                                                    std::span<const FitSample> samples,
                                                    std::span<const LayerGenes> wanted,
                                                    Random& random);

private:
    SlotTable m_features;  ///< of every choice, mean 0 and spread 1 within a slot
    double m_smallest;
    std::unique_ptr<Surrogate> m_process = makeGaussianProcess();
};

}  // namespace bitloupe::exploration
