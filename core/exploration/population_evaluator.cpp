// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/population_evaluator.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <stop_token>
#include <thread>

#include "core/exploration/calibration.h"
#include "core/exploration/channel_schemes.h"
#include "core/exploration/fine_tuning.h"
#include "core/exploration/layer_schemes.h"
#include "core/exploration/metrics.h"
#include "core/exploration/ordered_sums.h"
#include "core/exploration/race_sums.h"

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

constexpr std::size_t kMostOutputBytes = std::size_t{8} << 30U;
constexpr std::size_t kMostScoreBytes = std::size_t{1} << 30U;
constexpr std::size_t kMostRaceBytes = std::size_t{1} << 27U;
constexpr std::size_t kMostChannelBytes = std::size_t{1} << 28U;

/// Measures `total` designs a part at a time: `measure` gets the first one of a part, how many
/// `fitting` lets it have, and what hears of the part's own progress.
template <typename Fitting, typename Measure>
Evaluator::Answer inParts(std::size_t total, const Fitting& fitting, const Measure& measure,
                          const std::function<void(double)>& progress) {
    Evaluator::Answer whole;
    for (std::size_t first = 0; first < total;) {
        const std::size_t count = std::min<std::size_t>(fitting(first), total - first);
        const std::function<void(double)> done = [&](double share) {
            if (progress) {
                progress((static_cast<double>(first) + share * static_cast<double>(count)) /
                         static_cast<double>(total));
            }
        };
        Evaluator::Answer some = measure(first, count, done);
        if (some.outcome != JobOutcome::Finished) {
            return some;
        }
        whole.measurements.insert(whole.measurements.end(), some.measurements.begin(),
                                  some.measurements.end());
        first += count;
    }
    return whole;
}

class Implementation : public PopulationEvaluator {
public:
    Implementation(std::shared_ptr<const network::Network> network,
                   execution::PopulationRunner runner, data::Samples samples, int threads,
                   std::optional<data::Metric> metric)
        : m_network(std::move(network)),
          m_runner(std::move(runner)),
          m_samples(std::move(samples)),
          m_threads(threads > 0
                        ? threads
                        : std::max(1, static_cast<int>(std::thread::hardware_concurrency()))),
          m_kind(outputKindOf(*m_network->graph)),
          m_wanted(metric) {}

    Result<void> prepare(const data::Samples& calibration);

    Answer evaluate(std::span<const Assignment> population, std::stop_token stop,
                    const std::function<void(double)>& progress) override;
    Answer race(std::span<const Racer> population, double confidence, std::stop_token stop,
                const std::function<void(double)>& progress) override;
    [[nodiscard]] bool canRace() const override {
        const bool countsHits = m_metric == data::Metric::Accuracy ||
                                m_metric == data::Metric::Top5 ||
                                m_metric == data::Metric::Agreement;
        return countsHits && m_outputsPerSample == m_width;
    }
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer) override {
        return m_schemes->roundingError(layer, side, quantizer);
    }
    Answer evaluateChannels(std::span<const ChannelProbe> probes, std::stop_token stop,
                            const std::function<void(double)>& progress) override;
    std::vector<RoundingError> channelRoundingErrors(
        std::span<const ChannelProbe> probes) override {
        return exploration::channelRoundingErrors(*m_network, *m_schemes, probes);
    }
    Result<ResolvedLayers> resolve(const Assignment& assignment) override {
        return m_schemes->resolve(assignment);
    }
    Result<std::vector<float>> outputs(const Assignment& assignment) override;
    [[nodiscard]] const quantization::ValueStatistics* inputStatistics(
        std::size_t layer) const override {
        return m_schemes->inputStatistics(layer);
    }
    Answer measure(const TunedDesign& design, std::stop_token stop,
                   const std::function<void(double)>& progress) override;
    [[nodiscard]] std::int64_t batchSize() const override { return m_runner.batchSize(); }
    [[nodiscard]] data::Metric metric() const override { return m_metric; }

private:
    Result<void> measureReference();
    using SeeFirst = std::function<void(const execution::BatchOutput&)>;
    /// The outputs of all samples as the network gives them; `seeFirst` (may be empty) gets the
    /// first batch's.
    Result<std::vector<float>> run(const execution::VariantList& design,
                                   const SeeFirst& seeFirst) const;
    /// Finds the classes in the first batch's output, which are to be the last axis.
    void placeClasses(const execution::BatchOutput& output);
    [[nodiscard]] Result<void> checkOutputs() const;
    Result<void> chooseMetric();
    [[nodiscard]] std::size_t mostAtOnce() const;
    Answer evaluateSome(std::span<const Assignment> population, const std::stop_token& stop,
                        const std::function<void(double)>& progress);
    Answer raceSome(std::span<const Racer> population, double confidence,
                    const std::stop_token& stop, const std::function<void(double)>& progress);
    Result<std::vector<execution::VariantList>> variantsOf(
        std::span<const Assignment> population, const std::stop_token& stop,
        const std::function<void(double)>& progress);
    Answer evaluateSomeChannels(std::span<const ChannelProbe> probes, const std::stop_token& stop,
                                const std::function<void(double)>& progress);
    Answer measureAll(const execution::PopulationRunner& runner,
                      std::span<const execution::VariantList> variants, const std::stop_token& stop,
                      const std::function<void(double)>& progress) const;
    Answer runJob(const execution::PopulationRunner& runner,
                  std::span<const execution::VariantList> variants, const std::stop_token& stop,
                  execution::PopulationJob& job) const;
    [[nodiscard]] OutputSums compare(const execution::BatchOutput& output, bool keepsHits) const;
    [[nodiscard]] Measurement measurement(const OutputSums& sums) const;

    std::shared_ptr<const network::Network> m_network;
    execution::PopulationRunner m_runner;
    data::Samples m_samples;
    int m_threads;
    OutputKind m_kind;
    std::optional<data::Metric> m_wanted;
    data::Metric m_metric = data::Metric::Accuracy;
    std::vector<double> m_spreads;   ///< of each target
    std::size_t m_width = 1;         ///< classes of a row, or targets
    std::size_t m_classesFirst = 0;  ///< places of a sample that come after the class; 0: before
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

void Implementation::placeClasses(const execution::BatchOutput& output) {
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

Result<void> Implementation::measureReference() {
    Result<std::vector<float>> reference =
        run(execution::VariantList(m_network->layers.size()),
            [this](const execution::BatchOutput& output) { placeClasses(output); });
    if (reference.hasError()) {
        return reference.error();
    }
    m_reference = m_classesFirst > 0 ? classesLast(reference.value(), m_width, m_classesFirst)
                                     : std::move(reference).value();
    m_outputsPerSample = m_reference.size() / static_cast<std::size_t>(m_samples.count());
    const Result<void> checked = checkOutputs();
    return checked.hasError() ? checked : chooseMetric();
}

Result<void> Implementation::chooseMetric() {
    m_metric = m_wanted.value_or(defaultMetric(m_samples, m_classesFirst > 0));
    if (const Result<void> checked = checkMetric(m_metric, m_samples); checked.hasError()) {
        return checked;
    }
    if (!m_samples.targets.empty()) {
        m_spreads = spreads(m_samples.targets, m_outputsPerSample);
    }
    const std::size_t scores = m_samples.labels.size() * std::max<std::size_t>(2, m_width);
    if (m_metric == data::Metric::Auc && scores > kMostScoreBytes / sizeof(float)) {
        return Error{"the metric `auc` keeps every output, which takes more than 1 GiB", "metric",
                     "give fewer samples or another metric"};
    }
    return {};
}

Result<std::vector<float>> Implementation::outputs(const Assignment& assignment) {
    const Result<execution::VariantList> variants = m_schemes->variants(assignment);
    return variants.hasError() ? Result<std::vector<float>>(variants.error())
                               : run(variants.value(), {});
}

Result<std::vector<float>> Implementation::run(const execution::VariantList& design,
                                               const SeeFirst& seeFirst) const {
    std::vector<std::vector<float>> batches(m_runner.batchCount(m_samples.count()));
    std::stop_source tooLarge;
    execution::PopulationJob job;
    job.inputs = &m_samples.inputs;
    job.population = {&design, 1};
    job.threads = m_threads;
    job.stop = tooLarge.get_token();
    job.output = [&](const execution::BatchOutput& output) {
        batches[output.batch].assign(output.values.begin(), output.values.end());
        const std::size_t each = output.values.size() / static_cast<std::size_t>(output.samples);
        if (each > kMostOutputBytes / sizeof(float) / static_cast<std::size_t>(m_samples.count())) {
            tooLarge.request_stop();
        }
        if (output.batch == 0 && seeFirst) {
            seeFirst(output);
        }
    };
    const Result<execution::PopulationRun> finished = m_runner.run(job);
    if (finished.hasError()) {
        return finished.error();
    }
    if (tooLarge.stop_requested()) {
        return Error{"the outputs of all samples take more than 8 GiB",
                     "output \"" + m_network->graph->outputs.front().name + "\"",
                     "give fewer samples, or shorter windows of text"};
    }
    std::vector<float> all;
    for (std::vector<float>& batch : batches) {
        all.insert(all.end(), batch.begin(), batch.end());
        batch = {};
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
        const std::int64_t label = m_samples.labels[i];
        if (label != data::kIgnoredLabel && (label < 0 || label >= classes)) {
            return Error{"the label " + std::to_string(m_samples.labels[i]) +
                             " is none of the network's " + std::to_string(classes) + " classes",
                         "sample " + std::to_string(static_cast<std::int64_t>(i) /
                                                    m_samples.labelsPerSample()),
                         "choose labels that fit the network"};
        }
    }
    if (!m_samples.targets.empty() && m_samples.targets.size() != m_reference.size()) {
        return Error{"the network gives " + std::to_string(m_outputsPerSample) +
                         " outputs a sample and the data have " +
                         std::to_string(m_samples.targetsPerSample()) + " targets",
                     where, "choose a network with one output for each target"};
    }
    return {};
}

OutputSums Implementation::compare(const execution::BatchOutput& output, bool keepsHits) const {
    const std::size_t first = static_cast<std::size_t>(output.firstSample) * m_outputsPerSample;
    std::vector<float> turned;
    if (m_classesFirst > 0) {
        turned = classesLast(output.values, m_width, m_classesFirst);
    }
    OutputBatch batch;
    batch.outputs = turned.empty() ? output.values : std::span<const float>(turned);
    batch.reference = std::span(m_reference).subspan(first, output.values.size());
    batch.width = m_width;
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

Measurement Implementation::measurement(const OutputSums& sums) const {
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

/// As many designs at a time as may keep what their metric needs.
std::size_t Implementation::mostAtOnce() const {
    const std::size_t scores = m_samples.labels.size() * std::max<std::size_t>(2, m_width);
    return m_metric == data::Metric::Auc
               ? std::max<std::size_t>(1, kMostScoreBytes / sizeof(float) / scores)
               : std::numeric_limits<std::size_t>::max();
}

Evaluator::Answer Implementation::evaluate(std::span<const Assignment> population,
                                           std::stop_token stop,
                                           const std::function<void(double)>& progress) {
    return inParts(
        population.size(), [this](std::size_t) { return mostAtOnce(); },
        [&](std::size_t first, std::size_t count, const std::function<void(double)>& done) {
            return evaluateSome(population.subspan(first, count), stop, done);
        },
        progress);
}

Evaluator::Answer Implementation::evaluateChannels(std::span<const ChannelProbe> probes,
                                                   std::stop_token stop,
                                                   const std::function<void(double)>& progress) {
    const auto fitting = [&](std::size_t first) {
        std::size_t bytes = 0;
        std::size_t count = 0;
        while (first + count < probes.size() && count < mostAtOnce()) {
            bytes += ChannelSchemes::bytesOf(*m_network, probes[first + count]);
            if (count > 0 && bytes > kMostChannelBytes) {
                break;
            }
            ++count;
        }
        return count;
    };
    return inParts(
        probes.size(), fitting,
        [&](std::size_t first, std::size_t count, const std::function<void(double)>& done) {
            return evaluateSomeChannels(probes.subspan(first, count), stop, done);
        },
        progress);
}

Evaluator::Answer Implementation::evaluateSomeChannels(
    std::span<const ChannelProbe> probes, const std::stop_token& stop,
    const std::function<void(double)>& progress) {
    ChannelSchemes schemes(*m_network, m_runner, *m_schemes);
    std::vector<execution::VariantList> variants;
    for (const ChannelProbe& probe : probes) {
        progress(0);
        if (stop.stop_requested()) {
            return {JobOutcome::Cancelled, {}, {}};
        }
        Result<execution::VariantList> list = schemes.variants(probe);
        if (list.hasError()) {
            return {JobOutcome::Failed, {}, list.error()};
        }
        variants.push_back(std::move(list).value());
    }
    return measureAll(m_runner, variants, stop, progress);
}

/// Stops short when a stop is asked for.
Result<std::vector<execution::VariantList>> Implementation::variantsOf(
    std::span<const Assignment> population, const std::stop_token& stop,
    const std::function<void(double)>& progress) {
    std::vector<execution::VariantList> variants;
    for (const Assignment& assignment : population) {
        progress(0);
        if (stop.stop_requested()) {
            break;
        }
        Result<execution::VariantList> list = m_schemes->variants(assignment);
        if (list.hasError()) {
            return list.error();
        }
        variants.push_back(std::move(list).value());
    }
    return variants;
}

Evaluator::Answer Implementation::evaluateSome(std::span<const Assignment> population,
                                               const std::stop_token& stop,
                                               const std::function<void(double)>& progress) {
    const Result<std::vector<execution::VariantList>> variants =
        variantsOf(population, stop, progress);
    if (variants.hasError()) {
        return {JobOutcome::Failed, {}, variants.error()};
    }
    if (stop.stop_requested()) {
        return {JobOutcome::Cancelled, {}, {}};
    }
    return measureAll(m_runner, variants.value(), stop, progress);
}

Evaluator::Answer Implementation::race(std::span<const Racer> population, double confidence,
                                       std::stop_token stop,
                                       const std::function<void(double)>& progress) {
    if (!canRace()) {
        return Evaluator::race(population, confidence, std::move(stop), progress);
    }
    const std::size_t bytes = RaceSums::bytesOfDesign(
        m_runner.batchCount(m_samples.count()), static_cast<std::size_t>(m_runner.batchSize()));
    return inParts(
        population.size(),
        [bytes](std::size_t) { return std::max<std::size_t>(1, kMostRaceBytes / bytes); },
        [&](std::size_t first, std::size_t count, const std::function<void(double)>& done) {
            return raceSome(population.subspan(first, count), confidence, stop, done);
        },
        progress);
}

Evaluator::Answer Implementation::raceSome(std::span<const Racer> population, double confidence,
                                           const std::stop_token& stop,
                                           const std::function<void(double)>& progress) {
    std::vector<Assignment> assignments;
    for (const Racer& racer : population) {
        assignments.push_back(racer.assignment);
    }
    const auto variants = variantsOf(assignments, stop, progress);
    if (variants.hasError()) {
        return {JobOutcome::Failed, {}, variants.error()};
    }
    if (stop.stop_requested()) {
        return {JobOutcome::Cancelled, {}, {}};
    }
    const std::size_t batches = m_runner.batchCount(m_samples.count());
    const RacePlan plan(batches, confidence);
    RaceSums sums(population, batches, static_cast<std::size_t>(m_runner.batchSize()));
    std::vector<std::size_t> running(population.size());
    std::iota(running.begin(), running.end(), std::size_t{0});
    std::vector<bool> isStopped(population.size(), true);
    std::size_t batchesDone = 0;
    for (const std::vector<std::size_t>& stage : plan.stages()) {
        std::vector<execution::VariantList> lists;
        for (const std::size_t design : running) {
            lists.push_back(variants.value().at(design));
        }
        execution::PopulationJob job;
        job.batches = stage;
        job.progress = [&](double share) {
            progress(
                (static_cast<double>(batchesDone) + share * static_cast<double>(stage.size())) /
                static_cast<double>(batches));
        };
        job.output = [&](const execution::BatchOutput& output) {
            sums.put(running[output.design], output.batch, compare(output, true));
        };
        if (Answer answer = runJob(m_runner, lists, stop, job);
            answer.outcome != JobOutcome::Finished) {
            return answer;
        }
        batchesDone += stage.size();
        if (&stage == &plan.stages().back()) {
            break;
        }
        running = sums.look(plan, running, stage);
        if (running.empty()) {
            break;
        }
    }
    for (const std::size_t design : running) {
        isStopped[design] = false;
    }
    Answer answer;
    for (std::size_t design = 0; design < population.size(); ++design) {
        const OutputSums total = sums.total(design);
        Measurement measured = measurement(total);
        if (isStopped[design]) {
            const RaceSums::Discord& discord = sums.discord(design);
            measured = stoppedMeasurement(std::move(measured), population[design].rival,
                                          discord.onlyRival, discord.onlyDesign);
        } else {
            measured.hits = std::make_shared<const SampleHits>(packHits(total.hits));
        }
        answer.measurements.push_back(std::move(measured));
    }
    return answer;
}

Evaluator::Answer Implementation::measure(const TunedDesign& design, std::stop_token stop,
                                          const std::function<void(double)>& progress) {
    Result<execution::PopulationRunner> runner =
        execution::PopulationRunner::prepare(design.network);
    if (runner.hasError()) {
        return {JobOutcome::Failed, {}, runner.error()};
    }
    const Result<execution::VariantList> variants = addVariants(design, runner.value());
    if (variants.hasError()) {
        return {JobOutcome::Failed, {}, variants.error()};
    }
    return measureAll(runner.value(), {&variants.value(), 1}, stop, progress);
}

/// Without measurements; `job` says what is not the same for all.
Evaluator::Answer Implementation::runJob(const execution::PopulationRunner& runner,
                                         std::span<const execution::VariantList> variants,
                                         const std::stop_token& stop,
                                         execution::PopulationJob& job) const {
    job.inputs = &m_samples.inputs;
    job.population = variants;
    job.threads = m_threads;
    job.stop = stop;
    const Result<execution::PopulationRun> run = runner.run(job);
    if (run.hasError()) {
        return {JobOutcome::Failed, {}, run.error()};
    }
    return {run.value().outcome, {}, {}};
}

Evaluator::Answer Implementation::measureAll(const execution::PopulationRunner& runner,
                                             std::span<const execution::VariantList> variants,
                                             const std::stop_token& stop,
                                             const std::function<void(double)>& progress) const {
    OrderedSums sums(variants.size(), runner.batchCount(m_samples.count()));
    execution::PopulationJob job;
    job.progress = progress;
    job.output = [&](const execution::BatchOutput& output) {
        sums.put(output.design, output.batch, compare(output, false));
    };
    Answer answer = runJob(runner, variants, stop, job);
    if (answer.outcome != JobOutcome::Finished) {
        return answer;
    }
    for (const OutputSums& total : sums.totals()) {
        answer.measurements.push_back(measurement(total));
    }
    return answer;
}

}  // namespace

Result<std::unique_ptr<PopulationEvaluator>> makePopulationEvaluator(
    std::shared_ptr<const network::Network> network, const data::Samples& calibration,
    const data::Samples& evaluation, int threads, std::optional<data::Metric> metric) {
    Result<execution::PopulationRunner> runner = execution::PopulationRunner::prepare(network);
    if (runner.hasError()) {
        return runner.error();
    }
    auto evaluator = std::make_unique<Implementation>(std::move(network), std::move(runner).value(),
                                                      evaluation, threads, metric);
    if (const Result<void> prepared = evaluator->prepare(calibration); prepared.hasError()) {
        return prepared.error();
    }
    return std::unique_ptr<PopulationEvaluator>(std::move(evaluator));
}

}  // namespace bitloupe::exploration
