// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/exploration/output_comparison.h"
#include "core/exploration/votes.h"

namespace bitloupe::exploration {

/// The metric that samples are measured with when nobody asks for one: accuracy for one label a
/// sample, perplexity for one a token, mIoU for one a pixel (`classesFirst`: outputs with the
/// classes before the places), R^2 for targets, agreement with neither.
[[nodiscard]] data::Metric defaultMetric(const data::Samples& samples, bool classesFirst);

/// Errors: a metric that needs labels or targets the samples do not have.
[[nodiscard]] Result<void> checkMetric(data::Metric metric, const data::Samples& samples);

/// The metric from the sums over all samples. `classes`: of a row. `spreads`: of each target, the
/// sum of squared distances from its mean.
///
/// Intervals: shares Wilson; R^2 its large-sample error; errors and perplexity the mean's (of the
/// logarithm for perplexity); F1, mIoU and AUC as votes.h says.
[[nodiscard]] Estimate metricOf(data::Metric metric, const OutputSums& sums, std::size_t classes,
                                const std::vector<double>& spreads);

}  // namespace bitloupe::exploration
