// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/execution/population_runner.h"
#include "core/exploration/output_comparison.h"

namespace bitloupe::exploration {

/// The samples that designs are measured on, the float network's outputs for them, and how a
/// network's outputs become a Measurement.
class MeasuredSamples {
public:
    /// `metric`: nothing for what the samples suggest.
    MeasuredSamples(const network::Graph& graph, data::Samples samples,
                    std::optional<data::Metric> metric);

    [[nodiscard]] const data::Samples& samples() const { return m_samples; }
    [[nodiscard]] data::Metric metric() const { return m_metric; }
    /// Whether the metric counts hits, one a sample.
    [[nodiscard]] bool countsHits() const;
    /// Designs whose sums fit into memory beside each other.
    [[nodiscard]] std::size_t mostAtOnce() const;

    /// Finds the classes in an output of the network; before setReference().
    void placeClasses(const execution::BatchOutput& output);
    /// Takes the float network's outputs, all samples as the network gives them. Errors: labels or
    /// targets that do not fit them, a metric that does not fit the samples.
    [[nodiscard]] Result<void> setReference(std::vector<float> outputs);

    [[nodiscard]] OutputSums compare(const execution::BatchOutput& output, bool keepsHits) const;
    [[nodiscard]] Measurement measurement(const OutputSums& sums) const;

private:
    [[nodiscard]] Result<void> checkOutputs() const;
    [[nodiscard]] Result<void> checkLabels() const;
    [[nodiscard]] Result<void> chooseMetric();
    [[nodiscard]] std::size_t scores() const;

    std::string m_outputName;
    data::Samples m_samples;
    OutputKind m_kind;
    std::optional<data::Metric> m_wanted;
    data::Metric m_metric = data::Metric::Accuracy;
    std::vector<double> m_spreads;   ///< of each target
    std::size_t m_width = 1;         ///< classes of a row, or targets
    std::size_t m_classesFirst = 0;  ///< places of a sample that come after the class; 0: before
    std::size_t m_outputsPerSample = 1;
    ClassProbabilities m_referenceClasses;  ///< of m_reference; empty where they take too much
    std::vector<float> m_reference;         ///< the float network's outputs, all samples
};

}  // namespace bitloupe::exploration
