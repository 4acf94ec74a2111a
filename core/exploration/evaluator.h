// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/channels.h"
#include "core/exploration/evaluation.h"
#include "core/exploration/race.h"

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
    virtual Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                            const std::function<void(double)>& progress) = 0;

    /// As evaluate(), but a design may stop as soon as it is certainly worse than its rival; see
    /// RacePlan. A measurement that is not stopped has the same bits as evaluate() gives, and hits.
    /// An evaluator that cannot race measures everything to the end, without hits.
    virtual Answer race(std::span<const Racer> population, double /*confidence*/,
                        const std::stop_token& stop, const std::function<void(double)>& progress) {
        std::vector<Assignment> assignments;
        for (const Racer& racer : population) {
            assignments.push_back(racer.assignment);
        }
        return evaluate(assignments, stop, progress);
    }

    /// Rounding error of one side of one layer alone: of the weight tensor, or of the calibration
    /// sample of the activations. Cheap (the network is not run); NaN when it is not known.
    virtual RoundingError roundingError(std::size_t /*layer*/, Side /*side*/,
                                        const quantization::Quantizer& /*quantizer*/) {
        return {};
    }

    /// The same for single channels of a layer: one measurement a probe, as evaluate() promises.
    /// An evaluator that only knows whole layers fails.
    virtual Answer evaluateChannels(std::span<const ChannelProbe> /*probes*/,
                                    const std::stop_token& /*stop*/,
                                    const std::function<void(double)>& /*progress*/) {
        return {JobOutcome::Failed,
                {},
                {"this evaluator does not measure single channels", "",
                 "leave out the maps of channels"}};
    }
    /// One a probe, of the group's own values: weights, or what reaches them over calibration
    /// samples. NaN where it is not known.
    virtual std::vector<RoundingError> channelRoundingErrors(std::span<const ChannelProbe> probes) {
        return std::vector<RoundingError>(probes.size());
    }
};

}  // namespace bitloupe::exploration
