// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "core/exploration/explorer.h"

/// Stand-ins for the network, the journal and the listener of an exploration.
namespace bitloupe::exploration::testing {

[[nodiscard]] quantization::Quantizer quantizer(const std::string& name);
[[nodiscard]] std::vector<quantization::Quantizer> quantizers(
    const std::vector<std::string>& names);

/// Dense layers 16-64-32-32-5 of the jet tagger, as many as asked for (up to 4).
[[nodiscard]] std::vector<network::Layer> denseLayers(std::size_t count);

/// Every layer may use every format on both sides.
[[nodiscard]] DesignSpace uniformSpace(const std::vector<network::Layer>& layers,
                                       const std::vector<std::string>& weights,
                                       const std::vector<std::string>& activations,
                                       std::vector<hardware::Accelerator> accelerators = {
                                           hardware::Accelerator{}});

/// What the fake network loses: additive in 4^-bits with a small interaction of neighbours; the
/// accuracy is 0.9 minus it.
[[nodiscard]] Measurement fakeMeasurement(const Assignment& assignment);

/// Answers at once with fakeMeasurement() and remembers what it was asked.
class FakeEvaluator : public Evaluator {
public:
    Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                    const std::function<void(double)>& progress) override;
    RoundingError roundingError(std::size_t layer, Side side,
                                const quantization::Quantizer& quantizer) override;
    /// What the whole layer alone loses, and a millionth for each channel before the group.
    Answer evaluateChannels(std::span<const ChannelProbe> probes, const std::stop_token& stop,
                            const std::function<void(double)>& progress) override;

    std::vector<std::size_t> populationSizes;
    std::vector<Assignment> asked;
    std::vector<ChannelProbe> askedChannels;
};

/// Works only while it is let: one permit of `permits` a design. Tells through `entered` that a
/// design was begun.
class GatedEvaluator : public FakeEvaluator {
public:
    Answer evaluate(std::span<const Assignment> population, const std::stop_token& stop,
                    const std::function<void(double)>& progress) override;

    std::counting_semaphore<> permits{0};
    std::counting_semaphore<> entered{0};
};

/// Keeps everything in memory, in order; may be told to fail.
class MemoryStore : public EvaluationStore {
public:
    Result<void> append(std::vector<Evaluation>& evaluations) override;
    Result<void> appendSensitivity(std::span<const SensitivityCell> cells) override;
    Result<void> appendLeaveOneInFloat(std::span<const LeaveOneInFloatCell> cells) override;
    Result<void> appendChannels(std::span<const ChannelCell> cells) override;
    Result<void> setReference(const Measurement& floatNetwork) override;

    KnownResults kept;
    bool fails = false;
};

/// Remembers every call; checks that nothing is shown before it is kept.
class RecordingSink : public ExplorationSink {
public:
    explicit RecordingSink(const MemoryStore& store) : m_store(store) {}
    void referenceMeasured(const Measurement& floatNetwork) override;
    void sensitivityMeasured(const std::vector<SensitivityCell>& cells) override;
    void leaveOneInFloatMeasured(const std::vector<LeaveOneInFloatCell>& cells) override;
    void channelsMeasured(const std::vector<ChannelCell>& cells) override;
    void evaluationsFinished(const std::vector<Evaluation>& evaluations) override;
    void progressed(const Progress& progress) override;
    void ended(JobOutcome outcome, const Error& error) override;

    std::vector<Measurement> references;
    std::vector<SensitivityCell> cells;
    std::vector<LeaveOneInFloatCell> leaveOneInFloat;
    std::vector<ChannelCell> channels;
    std::vector<Evaluation> evaluations;
    std::vector<Progress> progress;
    std::vector<JobOutcome> outcomes;
    Error error;
    bool shownBeforeKept = false;
    bool calledAfterEnd = false;
    /// Called after every batch of evaluations, on the thread of the exploration.
    std::function<void()> afterBatch;

private:
    void noteCall() { calledAfterEnd = calledAfterEnd || !outcomes.empty(); }
    const MemoryStore& m_store;
};

/// An evaluation that strategies can be told: fakeMeasurement() and computeCosts().
[[nodiscard]] Evaluation fakeEvaluation(const Design& design, const DesignSpace& space,
                                        const std::vector<network::Layer>& layers);

}  // namespace bitloupe::exploration::testing
