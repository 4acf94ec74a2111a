// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/metrics.h"

#include <cmath>
#include <numeric>
#include <stdexcept>

#include "core/exploration/intervals.h"

namespace bitloupe::exploration {

using data::Metric;

namespace {

Estimate share(std::int64_t hits, std::int64_t samples) {
    return {samples == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(samples),
            wilsonInterval(hits, samples)};
}

/// Mean of the R^2 of each target.
Estimate determination(const OutputSums& sums, const std::vector<double>& spreads) {
    double total = 0;
    for (std::size_t i = 0; i < spreads.size(); ++i) {
        total += spreads[i] > 0 ? 1 - sums.squaredErrors.at(i) / spreads[i] : 0;
    }
    const double value = total / static_cast<double>(spreads.size());
    return {value, determinationInterval(value, sums.rows)};
}

Estimate meanOf(double sum, double squares, std::int64_t count) {
    return {sum / static_cast<double>(count), meanInterval(sum, squares, count)};
}

}  // namespace

Metric defaultMetric(const data::Samples& samples, bool classesFirst) {
    if (!samples.targets.empty()) {
        return Metric::R2;
    }
    if (samples.labels.empty()) {
        return Metric::Agreement;
    }
    if (samples.labelsPerSample() == 1) {
        return Metric::Accuracy;
    }
    return classesFirst ? Metric::Miou : Metric::Perplexity;
}

Result<void> checkMetric(Metric metric, const data::Samples& samples) {
    const bool targets = metric == Metric::R2 || metric == Metric::Mse || metric == Metric::Mae;
    const bool labels = !targets && metric != Metric::Agreement;
    if ((targets && samples.targets.empty()) || (labels && samples.labels.empty())) {
        return Error{"the metric `" + std::string(data::metricKey(metric)) + "` needs " +
                         (targets ? "numbers to predict" : "labels") + ", which the data lacks",
                     "metric", "choose another metric, or leave it out"};
    }
    return {};
}

Estimate metricOf(Metric metric, const OutputSums& sums, std::size_t classes,
                  const std::vector<double>& spreads) {
    const double squares =
        std::accumulate(sums.squaredErrors.begin(), sums.squaredErrors.end(), 0.0);
    switch (metric) {
        case Metric::Accuracy:
        case Metric::Agreement:
            return share(sums.correct, sums.scored);
        case Metric::Top5:
            return share(sums.correct5, sums.scored);
        case Metric::Auc:
            return macroAuc(sums.scores, sums.scoredLabels, classes);
        case Metric::F1:
            return macroF1(sums.votes, classes);
        case Metric::Miou:
            return meanIou(sums.votes, classes);
        case Metric::Perplexity: {
            const Estimate loss = meanOf(sums.logLoss, sums.squaredLogLoss, sums.scored);
            return {std::exp(loss.value),
                    {std::exp(loss.interval.low), std::exp(loss.interval.high)}};
        }
        case Metric::R2:
            return determination(sums, spreads);
        case Metric::Mse:
            return meanOf(squares, sums.fourthPowers, sums.outputs);
        case Metric::Mae:
            return meanOf(sums.absoluteError, squares, sums.outputs);
    }
    throw std::logic_error("unknown metric");
}

}  // namespace bitloupe::exploration
