// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// How often the rows of one sample with a label voted for a class.
struct VoteCount {
    std::int32_t label = 0;
    std::int32_t vote = 0;
    std::int64_t count = 0;
};

/// The votes of one sample: the cells of its confusion matrix that are not empty.
using SampleVotes = std::vector<VoteCount>;

/// Counts one more row.
void addVote(SampleVotes& votes, std::int64_t label, std::int64_t vote);

/// A figure and its 95 % interval.
struct Estimate {
    double value = 0;
    Interval interval;
};

/// Mean over the classes that occur among labels or votes of 2 tp / (2 tp + fp + fn). Interval:
/// large samples, from the influence of each sample (delta method; samples are independent, the
/// rows of one are not), within 0..1.
[[nodiscard]] Estimate macroF1(std::span<const SampleVotes> samples, std::size_t classes);

/// Mean over the classes that occur of tp / (tp + fp + fn), the Jaccard index; interval as above.
[[nodiscard]] Estimate meanIou(std::span<const SampleVotes> samples, std::size_t classes);

/// Mean over the classes that have samples and counter-samples of the area under the ROC curve, one
/// class against the rest, ties as one half (Mann and Whitney 1947). `scores`: one row of `classes`
/// for each label. Interval: DeLong, DeLong and Clarke-Pearson 1988, extended to the mean. Without
/// such a class 0.5.
[[nodiscard]] Estimate macroAuc(std::span<const float> scores, std::span<const std::int64_t> labels,
                                std::size_t classes);

}  // namespace bitloupe::exploration
