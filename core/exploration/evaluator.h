// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <stop_token>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// What rounding does to a tensor, by itself.
struct RoundingError {
    double meanSquare = std::numeric_limits<double>::quiet_NaN();  ///< of rounded minus original
    double sqnrDb = std::numeric_limits<double>::quiet_NaN();      ///< signal to rounding noise
};

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
    /// empty) gets the done share, 0..1, from any thread. Every thread that works calls it at least
    /// every 100 ms, without holding a lock: while the exploration is paused the call blocks, and
    /// that is what pauses the work without losing any. It returns at once on a stop request.
    virtual Answer evaluate(std::span<const Assignment> population, std::stop_token stop,
                            const std::function<void(double)>& progress) = 0;

    /// Rounding error of one side of one layer alone: of the weight tensor, or of the calibration
    /// sample of the activations. Cheap (the network is not run); NaN when it is not known.
    virtual RoundingError roundingError(std::size_t /*layer*/, Side /*side*/,
                                        const quantization::Quantizer& /*quantizer*/) {
        return {};
    }
};

}  // namespace bitloupe::exploration
