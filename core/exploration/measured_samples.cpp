// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/measured_samples.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/exploration/metrics.h"

namespace bitloupe::exploration {

namespace {

/// Of each of `count` targets a sample, the sum of squared distances from its mean.
std::vector<double> spreads(std::span<const float> targets, std::size_t count) {
    std::vector<double> means(count, 0.0);
    std::vector<double> squares(count, 0.0);
    const double samples = static_cast<double>(targets.size()) / static_cast<double>(count);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        means[i % count] += static_cast<double>(targets[i]);
    }
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const double distance = static_cast<double>(targets[i]) - means[i % count] / samples;
        squares[i % count] += distance * distance;
    }
    return squares;
}

/// Rows of classes out of samples that give all places of the first class, then of the second.
std::vector<float> classesLast(std::span<const float> values, std::size_t classes,
                               std::size_t places) {
    std::vector<float> rows(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t sample = i / (classes * places);
        const std::size_t inside = i % (classes * places);
        rows[(sample * places + inside % places) * classes + inside / places] = values[i];
    }
    return rows;
}

constexpr std::size_t kMostScoreBytes = std::size_t{1} << 30U;
constexpr std::size_t kMostClassBytes = std::size_t{1} << 26U;

}  // namespace

MeasuredSamples::MeasuredSamples(const network::Graph& graph, data::Samples samples,
                                 std::optional<data::Metric> metric)
    : m_outputName(graph.outputs.front().name),
      m_samples(std::move(samples)),
      m_kind(outputKindOf(graph)),
      m_wanted(metric) {}

bool MeasuredSamples::countsHits() const {
    const bool hasHits = m_metric == data::Metric::Accuracy || m_metric == data::Metric::Top5 ||
                         m_metric == data::Metric::Agreement;
    return hasHits && m_outputsPerSample == m_width;
}

std::size_t MeasuredSamples::scores() const {
    return m_samples.labels.size() * std::max<std::size_t>(2, m_width);
}

std::size_t MeasuredSamples::mostAtOnce() const {
    return m_metric == data::Metric::Auc
               ? std::max<std::size_t>(1, kMostScoreBytes / sizeof(float) / scores())
               : std::numeric_limits<std::size_t>::max();
}

void MeasuredSamples::placeClasses(const execution::BatchOutput& output) {
    const auto labels = static_cast<std::size_t>(m_samples.labelsPerSample());
    const std::size_t each = output.values.size() / static_cast<std::size_t>(output.samples);
    m_width = std::max<std::size_t>(1, output.width);
    // Label images: the classes lie before the places, as ONNX's convolutions have channels.
    if (labels > 1 && output.shape.size() >= 3 && each % labels == 0 &&
        static_cast<std::size_t>(output.shape[1]) == each / labels && m_width != each / labels) {
        m_width = each / labels;
        m_classesFirst = labels;
    }
}

Result<void> MeasuredSamples::setReference(std::vector<float> outputs) {
    m_reference =
        m_classesFirst > 0 ? classesLast(outputs, m_width, m_classesFirst) : std::move(outputs);
    m_outputsPerSample = m_reference.size() / static_cast<std::size_t>(m_samples.count());
    const Result<void> checked = checkOutputs();
    return checked.hasError() ? checked : chooseMetric();
}

Result<void> MeasuredSamples::chooseMetric() {
    m_metric = m_wanted.value_or(defaultMetric(m_samples, m_classesFirst > 0));
    if (const Result<void> checked = checkMetric(m_metric, m_samples); checked.hasError()) {
        return checked;
    }
    if (!m_samples.targets.empty()) {
        m_spreads = spreads(m_samples.targets, m_outputsPerSample);
    }
    const std::size_t rows = m_reference.size() / m_width;
    if (m_samples.targets.empty() &&
        2 * sizeof(double) * rows * std::max<std::size_t>(2, m_width) <= kMostClassBytes) {
        m_referenceClasses = classProbabilities(m_reference, m_width, m_kind);
    }
    if (m_metric == data::Metric::Auc && scores() > kMostScoreBytes / sizeof(float)) {
        return Error{"the metric `auc` keeps every output, which takes more than 1 GiB", "metric",
                     "give fewer samples or another metric"};
    }
    return {};
}

Result<void> MeasuredSamples::checkOutputs() const {
    const std::string where = "output \"" + m_outputName + "\"";
    const std::size_t rows = m_reference.size() / m_width;
    if (m_reference.empty() ||
        m_outputsPerSample * static_cast<std::size_t>(m_samples.count()) != m_reference.size()) {
        return Error{"the network does not give the same number of outputs for every sample", where,
                     "choose a network with one output row a sample"};
    }
    if (!m_samples.labels.empty() && m_samples.labels.size() != rows) {
        return Error{"there are " + std::to_string(m_samples.labels.size()) + " labels for " +
                         std::to_string(rows) + " rows of outputs",
                     where, "give one label for each row"};
    }
    if (const Result<void> checked = checkLabels(); checked.hasError()) {
        return checked;
    }
    if (!m_samples.targets.empty() && m_samples.targets.size() != m_reference.size()) {
        return Error{"the network gives " + std::to_string(m_outputsPerSample) +
                         " outputs a sample and the data have " +
                         std::to_string(m_samples.targetsPerSample()) + " targets",
                     where, "choose a network with one output for each target"};
    }
    return {};
}

Result<void> MeasuredSamples::checkLabels() const {
    const auto classes = static_cast<std::int64_t>(std::max<std::size_t>(2, m_width));
    for (std::size_t i = 0; i < m_samples.labels.size(); ++i) {
        const std::int64_t label = m_samples.labels[i];
        if (label != data::kIgnoredLabel && (label < 0 || label >= classes)) {
            return Error{"the label " + std::to_string(m_samples.labels[i]) +
                             " is none of the network's " + std::to_string(classes) + " classes",
                         "sample " + std::to_string(static_cast<std::int64_t>(i) /
                                                    m_samples.labelsPerSample()),
                         "choose labels that fit the network"};
        }
    }
    return {};
}

OutputSums MeasuredSamples::compare(const execution::BatchOutput& output, bool keepsHits) const {
    const std::size_t first = static_cast<std::size_t>(output.firstSample) * m_outputsPerSample;
    std::vector<float> turned;
    if (m_classesFirst > 0) {
        turned = classesLast(output.values, m_width, m_classesFirst);
    }
    OutputBatch batch;
    batch.outputs = turned.empty() ? output.values : std::span<const float>(turned);
    batch.reference = std::span(m_reference).subspan(first, output.values.size());
    batch.width = m_width;
    if (!m_referenceClasses.logs.empty()) {
        const std::size_t classes = std::max<std::size_t>(2, m_width);
        const std::size_t from = first / m_width * classes;
        const std::size_t count = output.values.size() / m_width * classes;
        batch.referenceLogs = std::span(m_referenceClasses.logs).subspan(from, count);
        batch.referenceValues = std::span(m_referenceClasses.values).subspan(from, count);
    }
    batch.kind = m_kind;
    batch.metric = m_metric;
    batch.keepsHits = keepsHits;
    batch.rowsPerSample = std::max<std::size_t>(1, m_outputsPerSample / m_width);
    const std::size_t rows = output.values.size() / m_width;
    if (!m_samples.labels.empty() && m_metric != data::Metric::Agreement) {
        batch.labels = std::span(m_samples.labels).subspan(first / m_width, rows);
    }
    if (!m_samples.targets.empty()) {
        batch.targets = std::span(m_samples.targets).subspan(first, output.values.size());
    }
    return compareOutputs(batch);
}

Measurement MeasuredSamples::measurement(const OutputSums& sums) const {
    const Estimate estimate =
        metricOf(m_metric, sums, std::max<std::size_t>(2, m_width), m_spreads);
    Measurement measured;
    measured.metric = estimate.value;
    measured.interval = estimate.interval;
    measured.samples = sums.scored;
    measured.outputMse = sums.squaredDifference / static_cast<double>(sums.outputs);
    if (m_samples.targets.empty()) {  // else a divergence of classes has no meaning
        measured.kl = sums.kl / static_cast<double>(sums.rows);
        measured.correct = m_metric == data::Metric::Top5 ? sums.correct5 : sums.correct;
    }
    return measured;
}

}  // namespace bitloupe::exploration
