// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/population_evaluator.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <stop_token>
#include <thread>

#include "core/exploration/calibration.h"
#include "core/exploration/channel_schemes.h"
#include "core/exploration/fine_tuning.h"
#include "core/exploration/layer_schemes.h"
#include "core/exploration/measured_samples.h"
#include "core/exploration/memory_budget.h"
#include "core/exploration/ordered_sums.h"
#include "core/exploration/race_sums.h"

namespace bitloupe::exploration {

namespace {

constexpr std::size_t kMostOutputBytes = std::size_t{8} << 30U;

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
                   std::optional<data::Metric> metric, std::size_t memory)
        : m_network(std::move(network)),
          m_runner(std::move(runner)),
          m_data(*m_network->graph, std::move(samples), metric),
          m_part((memory > 0 ? memory : defaultMemoryBudget()) / kParts),
          m_threads(fittingThreads(threads)) {}

    Result<void> prepare(const data::Samples& calibration);

    Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                    const std::function<void(double)>& progress) override;
    Answer race(std::span<const Racer> population, double confidence, const std::stop_token& stop,
                const std::function<void(double)>& progress) override;
    [[nodiscard]] bool canRace() const override { return m_data.countsHits(); }
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer) override {
        return m_schemes->roundingError(layer, side, quantizer);
    }
    Answer evaluateChannels(std::span<const ChannelProbe> probes, const std::stop_token& stop,
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
    Answer measure(const TunedDesign& design, const std::stop_token& stop,
                   const std::function<void(double)>& progress) override;
    [[nodiscard]] std::int64_t batchSize() const override { return m_runner.batchSize(); }
    [[nodiscard]] data::Metric metric() const override { return m_data.metric(); }

private:
    static constexpr std::size_t kParts = 4;

    [[nodiscard]] int fittingThreads(int wanted) const {
        const int threads =
            wanted > 0 ? wanted
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
        const std::size_t most = m_part / std::max<std::size_t>(1, m_runner.bytesOfThread());
        return static_cast<int>(
            std::clamp<std::size_t>(most, 1, static_cast<std::size_t>(threads)));
    }
    Result<void> measureReference();
    using SeeFirst = std::function<void(const execution::BatchOutput&)>;
    /// The outputs of all samples as the network gives them; `seeFirst` (may be empty) gets the
    /// first batch's.
    Result<std::vector<float>> run(const execution::VariantList& design,
                                   const SeeFirst& seeFirst) const;
    /// How many of the first designs, at least one and no more than `most`, keep their rounded
    /// weights within the memory.
    [[nodiscard]] std::size_t fitting(std::span<const Assignment> population,
                                      std::size_t most) const;
    Answer evaluateSome(std::span<const Assignment> population, const std::stop_token& stop,
                        const std::function<void(double)>& progress);
    Answer raceSome(std::span<const Racer> population, std::span<const Assignment> assignments,
                    double confidence, const std::stop_token& stop,
                    const std::function<void(double)>& progress);
    Result<std::vector<execution::VariantList>> variantsOf(
        std::span<const Assignment> population, LayerSchemes::Pins& pins,
        const std::stop_token& stop, const std::function<void(double)>& progress);
    Answer evaluateSomeChannels(std::span<const ChannelProbe> probes, const std::stop_token& stop,
                                const std::function<void(double)>& progress);
    Answer measureAll(const execution::PopulationRunner& runner,
                      std::span<const execution::VariantList> variants, const std::stop_token& stop,
                      const std::function<void(double)>& progress) const;
    Answer runJob(const execution::PopulationRunner& runner,
                  std::span<const execution::VariantList> variants, const std::stop_token& stop,
                  execution::PopulationJob& job) const;

    std::shared_ptr<const network::Network> m_network;
    execution::PopulationRunner m_runner;
    MeasuredSamples m_data;
    /// A quarter of the memory is for the activations, one for the sums of a race, and two for
    /// weights: those that are rounded whole, and those of single channels.
    std::size_t m_part;
    int m_threads;
    std::unique_ptr<LayerSchemes> m_schemes;
};

Result<void> Implementation::prepare(const data::Samples& calibration) {
    if (calibration.count() == 0 || m_data.samples().count() == 0) {
        return Error{"there are no samples to calibrate or to measure on", "",
                     "give both splits at least one sample"};
    }
    auto statistics = calibrate(m_runner, m_network->layers.size(), calibration);
    if (statistics.hasError()) {
        return statistics.error();
    }
    m_schemes = std::make_unique<LayerSchemes>(m_network, m_runner, std::move(statistics).value(),
                                               calibration, m_part);
    return measureReference();
}

Result<void> Implementation::measureReference() {
    Result<std::vector<float>> reference =
        run(execution::VariantList(m_network->layers.size()),
            [this](const execution::BatchOutput& output) { m_data.placeClasses(output); });
    if (reference.hasError()) {
        return reference.error();
    }
    return m_data.setReference(std::move(reference).value());
}

Result<std::vector<float>> Implementation::outputs(const Assignment& assignment) {
    LayerSchemes::Pins pins;
    const Result<execution::VariantList> variants = m_schemes->variants(assignment, pins);
    return variants.hasError() ? Result<std::vector<float>>(variants.error())
                               : run(variants.value(), {});
}

Result<std::vector<float>> Implementation::run(const execution::VariantList& design,
                                               const SeeFirst& seeFirst) const {
    std::vector<std::vector<float>> batches(m_runner.batchCount(m_data.samples().count()));
    std::stop_source tooLarge;
    execution::PopulationJob job;
    job.inputs = &m_data.samples().inputs;
    job.population = {&design, 1};
    job.threads = m_threads;
    job.stop = tooLarge.get_token();
    job.output = [&](const execution::BatchOutput& output) {
        batches[output.batch].assign(output.values.begin(), output.values.end());
        const std::size_t each = output.values.size() / static_cast<std::size_t>(output.samples);
        if (each >
            kMostOutputBytes / sizeof(float) / static_cast<std::size_t>(m_data.samples().count())) {
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

std::size_t Implementation::fitting(std::span<const Assignment> population,
                                    std::size_t most) const {
    std::map<std::pair<std::size_t, std::string>, std::size_t> weights;
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (; count < population.size() && count < most; ++count) {
        for (const auto& [key, size] : m_schemes->weightsOf(population[count])) {
            bytes += weights.emplace(key, size).second ? size : 0;
        }
        if (count > 0 && bytes > m_part) {
            break;
        }
    }
    return count;
}

Evaluator::Answer Implementation::evaluate(std::span<const Assignment> population,
                                           const std::stop_token& stop,
                                           const std::function<void(double)>& progress) {
    return inParts(
        population.size(),
        [&](std::size_t first) { return fitting(population.subspan(first), m_data.mostAtOnce()); },
        [&](std::size_t first, std::size_t count, const std::function<void(double)>& done) {
            return evaluateSome(population.subspan(first, count), stop, done);
        },
        progress);
}

Evaluator::Answer Implementation::evaluateChannels(std::span<const ChannelProbe> probes,
                                                   const std::stop_token& stop,
                                                   const std::function<void(double)>& progress) {
    const auto fitting = [&](std::size_t first) {
        std::size_t bytes = 0;
        std::size_t count = 0;
        while (first + count < probes.size() && count < m_data.mostAtOnce()) {
            bytes += ChannelSchemes::bytesOf(*m_network, probes[first + count]);
            if (count > 0 && bytes > m_part) {
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

/// Stops short when a stop is asked for, between two layers.
Result<std::vector<execution::VariantList>> Implementation::variantsOf(
    std::span<const Assignment> population, LayerSchemes::Pins& pins, const std::stop_token& stop,
    const std::function<void(double)>& progress) {
    const auto goesOn = [&] {
        progress(0);
        return !stop.stop_requested();
    };
    std::vector<execution::VariantList> variants;
    for (const Assignment& assignment : population) {
        Result<execution::VariantList> list = m_schemes->variants(assignment, pins, goesOn);
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
    LayerSchemes::Pins pins;
    const Result<std::vector<execution::VariantList>> variants =
        variantsOf(population, pins, stop, progress);
    if (variants.hasError()) {
        return {JobOutcome::Failed, {}, variants.error()};
    }
    if (stop.stop_requested()) {
        return {JobOutcome::Cancelled, {}, {}};
    }
    return measureAll(m_runner, variants.value(), stop, progress);
}

Evaluator::Answer Implementation::race(std::span<const Racer> population, double confidence,
                                       const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
    if (!canRace()) {
        return Evaluator::race(population, confidence, stop, progress);
    }
    std::vector<Assignment> assignments;
    for (const Racer& racer : population) {
        assignments.push_back(racer.assignment);
    }
    const std::size_t bytes =
        RaceSums::bytesOfDesign(m_runner.batchCount(m_data.samples().count()),
                                static_cast<std::size_t>(m_runner.batchSize()));
    const std::size_t most = std::max<std::size_t>(1, m_part / bytes);
    return inParts(
        population.size(),
        [&](std::size_t first) { return fitting(std::span(assignments).subspan(first), most); },
        [&](std::size_t first, std::size_t count, const std::function<void(double)>& done) {
            return raceSome(population.subspan(first, count),
                            std::span(assignments).subspan(first, count), confidence, stop, done);
        },
        progress);
}

Evaluator::Answer Implementation::raceSome(std::span<const Racer> population,
                                           std::span<const Assignment> assignments,
                                           double confidence, const std::stop_token& stop,
                                           const std::function<void(double)>& progress) {
    LayerSchemes::Pins pins;
    const auto variants = variantsOf(assignments, pins, stop, progress);
    if (variants.hasError()) {
        return {JobOutcome::Failed, {}, variants.error()};
    }
    if (stop.stop_requested()) {
        return {JobOutcome::Cancelled, {}, {}};
    }
    const std::size_t batches = m_runner.batchCount(m_data.samples().count());
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
            sums.put(running[output.design], output.batch, m_data.compare(output, true));
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
        Measurement measured = m_data.measurement(total);
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

Evaluator::Answer Implementation::measure(const TunedDesign& design, const std::stop_token& stop,
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
    job.inputs = &m_data.samples().inputs;
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
    OrderedSums sums(variants.size(), runner.batchCount(m_data.samples().count()));
    execution::PopulationJob job;
    job.progress = progress;
    job.output = [&](const execution::BatchOutput& output) {
        sums.put(output.design, output.batch, m_data.compare(output, false));
    };
    Answer answer = runJob(runner, variants, stop, job);
    if (answer.outcome != JobOutcome::Finished) {
        return answer;
    }
    for (const OutputSums& total : sums.totals()) {
        answer.measurements.push_back(m_data.measurement(total));
    }
    return answer;
}

}  // namespace

Result<std::unique_ptr<PopulationEvaluator>> makePopulationEvaluator(
    std::shared_ptr<const network::Network> network, const data::Samples& calibration,
    const data::Samples& evaluation, int threads, std::optional<data::Metric> metric,
    std::size_t memory) {
    Result<execution::PopulationRunner> runner = execution::PopulationRunner::prepare(network);
    if (runner.hasError()) {
        return runner.error();
    }
    auto evaluator = std::make_unique<Implementation>(std::move(network), std::move(runner).value(),
                                                      evaluation, threads, metric, memory);
    if (const Result<void> prepared = evaluator->prepare(calibration); prepared.hasError()) {
        return prepared.error();
    }
    return std::unique_ptr<PopulationEvaluator>(std::move(evaluator));
}

}  // namespace bitloupe::exploration
