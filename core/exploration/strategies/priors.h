// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exploration/strategies/cost_model.h"

namespace bitloupe::exploration {

/// Additive estimates of what each choice of each slot does to the network, from what is known
/// before the first design is run.
struct Prior {
    std::string name;
    SlotTable scores;  ///< 0: like float; scaled so that the mean over all choices is 1
};

/// "kl" and "output_mse" (each slot alone, from the sensitivity map), "fisher" (what the rounding
/// adds to the loss to second order: trace times mean square error), "sqnr" and "mse" (of each
/// tensor alone; sqnr as noise power relative to the signal). Those that miss a choice are left
/// out; "bits" (4^-bits) stands in when none is complete.
[[nodiscard]] std::vector<Prior> gatherPriors(const DesignSpace& space,
                                              const PriorKnowledge& knowledge);

/// Raises scores so that within a slot a format of the same family, granularity and range rule with
/// fewer bits is never predicted to be better. What is measured on few samples is noisy; this is
/// not.
void makeMonotone(SlotTable& scores, const DesignSpace& space);

}  // namespace bitloupe::exploration
