// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/exploration/design.h"
#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// A design that is measured only as long as it may still be better than its rival: a design that
/// costs no more and was measured on the whole split.
struct Racer {
    Assignment assignment;
    Measurement rival = {};  ///< without hits: the design runs to the end
};

/// When a race looks at its designs: all see the same batches in the same order. The samples are to
/// be those of mixedSamples().
class RacePlan {
public:
    /// `batches`: of the whole split. `confidence`: that a design which is stopped is truly worse
    /// than its rival, 0.5 to less than 1, over all looks together (each look spends an equal part
    /// of the allowed error: Bonferroni, so repeated looks cost no confidence).
    RacePlan(std::size_t batches, double confidence);

    /// Batches between two looks, in the order they are run; the looks come when 1/32, 1/16, 1/8,
    /// 1/4 and 1/2 of all were seen. Together they are all batches.
    [[nodiscard]] const std::vector<std::vector<std::size_t>>& stages() const { return m_stages; }
    /// Whether the discordant samples prove the design worse: those that only its rival, and only
    /// the design, had right.
    [[nodiscard]] bool isWorse(std::int64_t onlyRival, std::int64_t onlyDesign) const;

private:
    std::vector<std::vector<std::size_t>> m_stages;
    double m_errorOfLook = 0;
};

/// One-sided exact test of McNemar (Psychometrika 1947; exact form: Fagerland, Lydersen, Laake, BMC
/// Medical Research Methodology 13:91, 2013): how probable it is that at least `onlyRival` of all
/// discordant samples go to the rival when neither is better. 0..1; 1 without such samples.
[[nodiscard]] double mcnemarProbability(std::int64_t onlyRival, std::int64_t onlyDesign);

/// What a stopped design is worth. `seen`: its measurement on the samples seen. The metric becomes
/// the rival's on the whole split plus the difference of the two on those samples (a control
/// variate: what makes the first samples easy or hard makes them so for both), so that a stopped
/// design never stands before its rival; the interval holds the errors of both terms.
[[nodiscard]] Measurement stoppedMeasurement(Measurement seen, const Measurement& rival,
                                             std::int64_t onlyRival, std::int64_t onlyDesign);

}  // namespace bitloupe::exploration
