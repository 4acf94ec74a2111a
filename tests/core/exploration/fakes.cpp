// SPDX-License-Identifier: Apache-2.0
#include "tests/core/exploration/fakes.h"

#include <array>
#include <cmath>

#include "core/exploration/scheme_side.h"

namespace bitloupe::exploration::testing {

quantization::Quantizer quantizer(const std::string& name) {
    return quantization::Quantizer::parse(name).value();
}

std::vector<quantization::Quantizer> quantizers(const std::vector<std::string>& names) {
    std::vector<quantization::Quantizer> parsed;
    for (const std::string& name : names) {
        parsed.push_back(quantizer(name));
    }
    return parsed;
}

std::vector<network::Layer> denseLayers(std::size_t count) {
    constexpr std::array<std::int64_t, 5> kWidths = {16, 64, 32, 32, 5};
    std::vector<network::Layer> layers;
    for (std::size_t i = 0; i < count; ++i) {
        network::Layer layer;
        layer.name = "dense" + std::to_string(i + 1);
        layer.operatorType = "Gemm";
        layer.input = layer.name + ".input";
        layer.inputShape = {1, kWidths[i]};
        layer.weight = layer.name + ".weight";
        layer.bias = layer.name + ".bias";
        layer.weightShape = {kWidths[i + 1], kWidths[i]};
        layer.parameters = kWidths[i] * kWidths[i + 1] + kWidths[i + 1];
        layer.gemm = {.m = 1, .k = kWidths[i], .n = kWidths[i + 1]};
        layers.push_back(layer);
    }
    return layers;
}

DesignSpace uniformSpace(const std::vector<network::Layer>& layers,
                         const std::vector<std::string>& weights,
                         const std::vector<std::string>& activations,
                         std::vector<hardware::Accelerator> accelerators) {
    std::vector<LayerChoices> choices;
    for (const network::Layer& layer : layers) {
        choices.push_back({.layer = layer.name,
                           .weights = quantizers(weights),
                           .activations = quantizers(activations)});
    }
    return {choices, std::move(accelerators)};
}

namespace {

double lossOf(const std::optional<quantization::Quantizer>& quantizer) {
    return quantizer.has_value() ? std::pow(4.0, -quantizer->format.bitsPerValue()) : 0;
}

}  // namespace

Measurement fakeMeasurement(const Assignment& assignment) {
    double loss = 0;
    double before = 0;
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        const double own = static_cast<double>(i + 1) * lossOf(assignment[i].weights) +
                           0.5 * lossOf(assignment[i].activations);
        loss += own + 0.3 * std::sqrt(own * before);
        before = own;
    }
    Measurement measurement;
    measurement.metric = 0.9 - loss;
    measurement.interval = {.low = measurement.metric - 0.01, .high = measurement.metric + 0.01};
    measurement.samples = 1000;
    measurement.correct = static_cast<std::int64_t>(1000 * measurement.metric);
    measurement.kl = loss;
    measurement.outputMse = 2 * loss;
    return measurement;
}

Evaluator::Answer FakeEvaluator::evaluate(std::span<const Assignment> population,
                                          const std::stop_token& stop,
                                          const std::function<void(double)>& progress) {
    populationSizes.push_back(population.size());
    Answer answer;
    for (const Assignment& assignment : population) {
        if (stop.stop_requested()) {
            return {.outcome = JobOutcome::Cancelled, .measurements = {}, .error = {}};
        }
        asked.push_back(assignment);
        answer.measurements.push_back(fakeMeasurement(assignment));
        progress(static_cast<double>(answer.measurements.size()) /
                 static_cast<double>(population.size()));
    }
    return answer;
}

RoundingError FakeEvaluator::roundingError(std::size_t layer, Side side,
                                           const quantization::Quantizer& quantizer) {
    const double weight = side == Side::Weights ? static_cast<double>(layer + 1) : 0.5;
    const double error = weight * lossOf(quantizer);
    return {.meanSquare = error, .sqnrDb = -10 * std::log10(error)};
}

Evaluator::Answer FakeEvaluator::evaluateChannels(std::span<const ChannelProbe> probes,
                                                  const std::stop_token& /*stop*/,
                                                  const std::function<void(double)>& progress) {
    Answer answer;
    for (const ChannelProbe& probe : probes) {
        askedChannels.push_back(probe);
        Assignment alone(probe.channels.layer + 1);
        sideOf(alone.back(), probe.channels.side) = probe.quantizer;
        Measurement measurement = fakeMeasurement(alone);
        measurement.metric -= 1e-6 * static_cast<double>(probe.channels.first);
        answer.measurements.push_back(measurement);
        progress(static_cast<double>(answer.measurements.size()) /
                 static_cast<double>(probes.size()));
    }
    return answer;
}

Evaluator::Answer GatedEvaluator::evaluate(std::span<const Assignment> population,
                                           const std::stop_token& stop,
                                           const std::function<void(double)>& progress) {
    // A stop request frees the thread from waiting for a permit.
    const std::stop_callback wakeUp(stop, [this] { permits.release(); });
    for (std::size_t i = 0; i < population.size(); ++i) {
        entered.release();
        permits.acquire();
        progress(static_cast<double>(i) / static_cast<double>(population.size()));
        if (stop.stop_requested()) {
            return {.outcome = JobOutcome::Cancelled, .measurements = {}, .error = {}};
        }
    }
    return FakeEvaluator::evaluate(population, stop, progress);
}

Result<void> MemoryStore::append(std::vector<Evaluation>& evaluations) {
    if (fails) {
        return Error{"the disk is full", "study.bitloupe", "free some space"};
    }
    for (Evaluation& evaluation : evaluations) {
        evaluation.id = static_cast<std::int64_t>(kept.evaluations.size()) + 1;
        kept.evaluations.push_back(evaluation);
    }
    return {};
}

Result<void> MemoryStore::appendSensitivity(std::span<const SensitivityCell> cells) {
    kept.sensitivity.insert(kept.sensitivity.end(), cells.begin(), cells.end());
    return {};
}

Result<void> MemoryStore::appendLeaveOneInFloat(std::span<const LeaveOneInFloatCell> cells) {
    kept.leaveOneInFloat.insert(kept.leaveOneInFloat.end(), cells.begin(), cells.end());
    return {};
}

Result<void> MemoryStore::appendChannels(std::span<const ChannelCell> cells) {
    kept.channels.insert(kept.channels.end(), cells.begin(), cells.end());
    return {};
}

Result<void> MemoryStore::setReference(const Measurement& floatNetwork) {
    kept.reference = floatNetwork;
    return {};
}

void RecordingSink::referenceMeasured(const Measurement& floatNetwork) {
    noteCall();
    references.push_back(floatNetwork);
    shownBeforeKept = shownBeforeKept || !m_store.kept.reference.has_value();
}

void RecordingSink::sensitivityMeasured(const std::vector<SensitivityCell>& batch) {
    noteCall();
    cells.insert(cells.end(), batch.begin(), batch.end());
    shownBeforeKept = shownBeforeKept || cells.size() > m_store.kept.sensitivity.size();
}

void RecordingSink::leaveOneInFloatMeasured(const std::vector<LeaveOneInFloatCell>& batch) {
    noteCall();
    leaveOneInFloat.insert(leaveOneInFloat.end(), batch.begin(), batch.end());
    shownBeforeKept =
        shownBeforeKept || leaveOneInFloat.size() > m_store.kept.leaveOneInFloat.size();
}

void RecordingSink::channelsMeasured(const std::vector<ChannelCell>& batch) {
    noteCall();
    channels.insert(channels.end(), batch.begin(), batch.end());
    shownBeforeKept = shownBeforeKept || channels.size() > m_store.kept.channels.size();
}

void RecordingSink::evaluationsFinished(const std::vector<Evaluation>& batch) {
    noteCall();
    evaluations.insert(evaluations.end(), batch.begin(), batch.end());
    shownBeforeKept = shownBeforeKept || evaluations.size() > m_store.kept.evaluations.size();
    if (afterBatch) {
        afterBatch();
    }
}

void RecordingSink::progressed(const Progress& value) {
    noteCall();
    progress.push_back(value);
}

void RecordingSink::ended(JobOutcome outcome, const Error& why) {
    noteCall();
    outcomes.push_back(outcome);
    error = why;
}

Evaluation fakeEvaluation(const Design& design, const DesignSpace& space,
                          const std::vector<network::Layer>& layers) {
    Evaluation evaluation;
    evaluation.design = design;
    evaluation.measured = fakeMeasurement(space.assignment(design));
    evaluation.costs = computeCosts(layers, space.assignment(design), space.accelerator(design));
    return evaluation;
}

}  // namespace bitloupe::exploration::testing
