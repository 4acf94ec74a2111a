// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/population_evaluator.h"

#include <algorithm>
#include <limits>
#include <thread>

#include "core/exploration/calibration.h"
#include "core/exploration/intervals.h"
#include "core/exploration/layer_schemes.h"
#include "core/exploration/ordered_sums.h"

namespace bitloupe::exploration {

namespace {

OutputKind kindOfOutput(const network::Graph& graph) {
    for (const network::Node& node : graph.nodes) {
        for (const std::string& output : node.outputs) {
            if (output != graph.outputs.front().name) {
                continue;
            }
            if (node.operatorType == "Softmax" || node.operatorType == "Sigmoid") {
                return OutputKind::Probabilities;
            }
            if (node.operatorType == "LogSoftmax") {
                return OutputKind::LogProbabilities;
            }
        }
    }
    return OutputKind::Logits;
}

/// Sum of squared distances of the targets from their mean.
double spread(std::span<const float> targets) {
    double sum = 0;
    for (const float target : targets) {
        sum += static_cast<double>(target);
    }
    const double mean = targets.empty() ? 0 : sum / static_cast<double>(targets.size());
    double squares = 0;
    for (const float target : targets) {
        squares += (static_cast<double>(target) - mean) * (static_cast<double>(target) - mean);
    }
    return squares;
}

class Implementation : public PopulationEvaluator {
public:
    Implementation(std::shared_ptr<const network::Network> network,
                   execution::PopulationRunner runner, data::Samples samples, int threads)
        : m_network(std::move(network)),
          m_runner(std::move(runner)),
          m_samples(std::move(samples)),
          m_threads(threads > 0
                        ? threads
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
          m_kind(kindOfOutput(*m_network->graph)),
          m_spread(spread(m_samples.targets)) {}

    Result<void> prepare(const data::Samples& calibration);

    Answer evaluate(std::span<const Assignment> population, std::stop_token stop,
                    const std::function<void(double)>& progress) override;
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer) override {
        return m_schemes->roundingError(layer, side, quantizer);
    }
    Result<ResolvedLayers> resolve(const Assignment& assignment) override {
        return m_schemes->resolve(assignment);
    }
    Result<std::vector<float>> outputs(const Assignment& assignment) override;
    [[nodiscard]] std::int64_t batchSize() const override { return m_runner.batchSize(); }

private:
    Result<void> measureReference();
    /// The outputs of all samples, and the size of their last dimension.
    Result<std::vector<float>> run(const execution::VariantList& design, std::size_t* width) const;
    [[nodiscard]] Result<void> checkOutputs() const;
    [[nodiscard]] OutputSums compare(const execution::BatchOutput& output) const;
    [[nodiscard]] Measurement measurement(const OutputSums& sums) const;

    std::shared_ptr<const network::Network> m_network;
    execution::PopulationRunner m_runner;
    data::Samples m_samples;
    int m_threads;
    OutputKind m_kind;
    double m_spread;
    std::size_t m_width = 1;
    std::size_t m_outputsPerSample = 1;
    std::vector<float> m_reference;  ///< the float network's outputs, all samples
    std::unique_ptr<LayerSchemes> m_schemes;
};

Result<void> Implementation::prepare(const data::Samples& calibration) {
    if (calibration.count() == 0 || m_samples.count() == 0) {
        return Error{"there are no samples to calibrate or to measure on", "",
                     "give both splits at least one sample"};
    }
    auto statistics = calibrate(m_runner, m_network->layers.size(), calibration);
    if (statistics.hasError()) {
        return statistics.error();
    }
    m_schemes = std::make_unique<LayerSchemes>(m_network, m_runner, std::move(statistics).value(),
                                               calibration);
    return measureReference();
}

Result<void> Implementation::measureReference() {
    Result<std::vector<float>> reference =
        run(execution::VariantList(m_network->layers.size()), &m_width);
    if (reference.hasError()) {
        return reference.error();
    }
    m_reference = std::move(reference).value();
    m_outputsPerSample = m_reference.size() / static_cast<std::size_t>(m_samples.count());
    return checkOutputs();
}

Result<std::vector<float>> Implementation::outputs(const Assignment& assignment) {
    const Result<execution::VariantList> variants = m_schemes->variants(assignment);
    return variants.hasError() ? Result<std::vector<float>>(variants.error())
                               : run(variants.value(), nullptr);
}

Result<std::vector<float>> Implementation::run(const execution::VariantList& design,
                                               std::size_t* width) const {
    std::vector<std::vector<float>> batches(m_runner.batchCount(m_samples.count()));
    std::vector<std::size_t> widths(batches.size(), 0);
    execution::PopulationJob job;
    job.inputs = &m_samples.inputs;
    job.population = {&design, 1};
    job.threads = m_threads;
    job.output = [&](const execution::BatchOutput& output) {
        batches[output.batch].assign(output.values.begin(), output.values.end());
        widths[output.batch] = output.width;
    };
    const Result<execution::PopulationRun> finished = m_runner.run(job);
    if (finished.hasError()) {
        return finished.error();
    }
    std::vector<float> all;
    for (const std::vector<float>& batch : batches) {
        all.insert(all.end(), batch.begin(), batch.end());
    }
    if (width != nullptr) {
        *width = std::max<std::size_t>(1, widths.front());
    }
    return all;
}

Result<void> Implementation::checkOutputs() const {
    const std::string where = "output \"" + m_network->graph->outputs.front().name + "\"";
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
    const auto classes = static_cast<std::int64_t>(std::max<std::size_t>(2, m_width));
    for (std::size_t i = 0; i < m_samples.labels.size(); ++i) {
        if (m_samples.labels[i] < 0 || m_samples.labels[i] >= classes) {
            return Error{"the label " + std::to_string(m_samples.labels[i]) +
                             " is none of the network's " + std::to_string(classes) + " classes",
                         "sample " + std::to_string(i), "choose labels that fit the network"};
        }
    }
    if (!m_samples.targets.empty() && (m_width != 1 || m_samples.targets.size() != rows)) {
        return Error{"the network gives " + std::to_string(m_outputsPerSample) +
                         " outputs a sample and the data have one target",
                     where, "choose a network with one output"};
    }
    return {};
}

OutputSums Implementation::compare(const execution::BatchOutput& output) const {
    const std::size_t first = static_cast<std::size_t>(output.firstSample) * m_outputsPerSample;
    OutputBatch batch;
    batch.outputs = output.values;
    batch.reference = std::span(m_reference).subspan(first, output.values.size());
    batch.width = m_width;
    batch.kind = m_kind;
    const std::size_t rows = output.values.size() / m_width;
    if (!m_samples.labels.empty()) {
        batch.labels = std::span(m_samples.labels).subspan(first / m_width, rows);
    }
    if (!m_samples.targets.empty()) {
        batch.targets = std::span(m_samples.targets).subspan(first / m_width, rows);
    }
    return compareOutputs(batch);
}

Measurement Implementation::measurement(const OutputSums& sums) const {
    Measurement measured;
    measured.samples = sums.rows;
    measured.outputMse = sums.squaredDifference / static_cast<double>(sums.outputs);
    if (!m_samples.targets.empty()) {
        measured.metric = m_spread > 0 ? 1 - sums.squaredError / m_spread : 0;
        measured.interval = determinationInterval(measured.metric, sums.rows);
        return measured;  // a divergence of classes has no meaning here
    }
    measured.kl = sums.kl / static_cast<double>(sums.rows);
    measured.correct = sums.correct;
    measured.metric = static_cast<double>(sums.correct) / static_cast<double>(sums.rows);
    measured.interval = wilsonInterval(sums.correct, sums.rows);
    return measured;
}

Evaluator::Answer Implementation::evaluate(std::span<const Assignment> population,
                                           std::stop_token stop,
                                           const std::function<void(double)>& progress) {
    std::vector<execution::VariantList> variants;
    for (const Assignment& assignment : population) {
        if (progress) {
            progress(0);
        }
        if (stop.stop_requested()) {
            return {JobOutcome::Cancelled, {}, {}};
        }
        Result<execution::VariantList> list = m_schemes->variants(assignment);
        if (list.hasError()) {
            return {JobOutcome::Failed, {}, list.error()};
        }
        variants.push_back(std::move(list).value());
    }
    OrderedSums sums(population.size(), m_runner.batchCount(m_samples.count()));
    execution::PopulationJob job;
    job.inputs = &m_samples.inputs;
    job.population = variants;
    job.threads = m_threads;
    job.stop = std::move(stop);
    job.progress = progress;
    job.output = [&](const execution::BatchOutput& output) {
        sums.put(output.design, output.batch, compare(output));
    };
    const Result<execution::PopulationRun> run = m_runner.run(job);
    if (run.hasError()) {
        return {JobOutcome::Failed, {}, run.error()};
    }
    if (run.value().outcome != JobOutcome::Finished) {
        return {run.value().outcome, {}, {}};
    }
    Answer answer;
    for (const OutputSums& total : sums.totals()) {
        answer.measurements.push_back(measurement(total));
    }
    return answer;
}

}  // namespace

Result<std::unique_ptr<PopulationEvaluator>> makePopulationEvaluator(
    std::shared_ptr<const network::Network> network, const data::Samples& calibration,
    const data::Samples& evaluation, int threads) {
    Result<execution::PopulationRunner> runner = execution::PopulationRunner::prepare(network);
    if (runner.hasError()) {
        return runner.error();
    }
    auto evaluator = std::make_unique<Implementation>(std::move(network), std::move(runner).value(),
                                                      evaluation, threads);
    if (const Result<void> prepared = evaluator->prepare(calibration); prepared.hasError()) {
        return prepared.error();
    }
    return std::unique_ptr<PopulationEvaluator>(std::move(evaluator));
}

}  // namespace bitloupe::exploration
