// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// Designs in, measurements out, no shared state: another machine can stand behind it.
class Evaluator {
public:
    virtual ~Evaluator() = default;

    struct Answer {
        JobOutcome outcome = JobOutcome::Finished;
        std::vector<Measurement> measurements;  ///< one per assignment when finished, else empty
        Error error;                            ///< when failed
    };

    /// Measures a population. The same assignment gives bit-identical measurements whatever its
    /// company, order or thread count. Returns within 100 ms of a stop request. `progress` (may be
    /// empty) gets the done share, 0..1, from any thread.
    virtual Answer evaluate(std::span<const Assignment> population, std::stop_token stop,
                            const std::function<void(double)>& progress) = 0;
};

}  // namespace bitloupe::exploration
