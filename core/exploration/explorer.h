// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/exploration/evaluator.h"
#include "core/exploration/format_conversions.h"
#include "core/exploration/sensitivity.h"
#include "core/exploration/strategy.h"
#include "core/network/network.h"

namespace bitloupe::exploration {

enum class Phase { Reference, Sensitivity, Search };

struct Progress {
    Phase phase = Phase::Reference;
    std::int64_t done = 0;  ///< of this phase
    std::int64_t total = 0;
    double perSecond = 0;     ///< recent rate
    double secondsLeft = -1;  ///< negative: not known yet
};

/// Hears of an exploration, in batches of immutable values: from its threads, one call at a time.
class ExplorationSink {
public:
    virtual ~ExplorationSink() = default;
    virtual void referenceMeasured(const Measurement& floatNetwork) = 0;
    virtual void sensitivityMeasured(const std::vector<SensitivityCell>& cells) = 0;
    virtual void leaveOneInFloatMeasured(const std::vector<LeaveOneInFloatCell>& /*cells*/) {}
    virtual void channelsMeasured(const std::vector<ChannelCell>& /*cells*/) {}
    virtual void evaluationsFinished(const std::vector<Evaluation>& evaluations) = 0;
    virtual void progressed(const Progress& progress) = 0;
    /// The last call. `error` only when failed.
    virtual void ended(JobOutcome outcome, const Error& error) = 0;
};

/// Where finished work is kept before anybody hears of it (the study's journal).
class EvaluationStore {
public:
    virtual ~EvaluationStore() = default;
    /// One transaction; durable when it returns. Assigns the ids.
    virtual Result<void> append(std::vector<Evaluation>& evaluations) = 0;
    virtual Result<void> appendSensitivity(std::span<const SensitivityCell> cells) = 0;
    virtual Result<void> appendLeaveOneInFloat(std::span<const LeaveOneInFloatCell> cells) = 0;
    virtual Result<void> appendChannels(std::span<const ChannelCell> cells) = 0;
    virtual Result<void> setReference(const Measurement& floatNetwork) = 0;
};

/// What was already known when an exploration starts: a reopened study.
struct KnownResults {
    std::optional<Measurement> reference;
    std::vector<SensitivityCell> sensitivity;
    std::vector<Evaluation> evaluations;
    std::vector<LeaveOneInFloatCell> leaveOneInFloat = {};
    std::vector<ChannelCell> channels = {};
};

struct ExplorationPlan {
    std::vector<network::Layer> layers;
    DesignSpace space;
    std::vector<QuantityId> objectives;
    StrategySettings strategy;
    bool sensitivityFirst = true;
    bool leaveOneInFloat = false;              ///< the reverse map as well
    std::vector<ChannelMap> channelMaps = {};  ///< in the formats that the space has for the layer
    std::int64_t maxEvaluations = 1000;        ///< of the whole study, known ones included
    /// Confidence, 0.5 to less than 1, at which a design that costs no less than a measured one is
    /// stopped as certainly worse (see race.h). Nothing: every design sees every sample.
    std::optional<double> earlyStopping = {};
    /// Asked once, by strategies that start from priors; empty, or answers nothing: no such prior.
    std::function<std::vector<FisherTrace>()> fisher = {};
    FormatConversions conversions = {};  ///< between the layers, and what they cost
};

/// Runs one exploration on threads of its own: reference, then the sensitivity maps, then the
/// search. With no more evaluations than are known already it ends with the maps.
/// Accuracy is measured once per assignment; designs that differ only in the accelerator share it.
class Explorer {
public:
    /// `evaluator`, `store` and `sink` must outlive the explorer.
    Explorer(ExplorationPlan plan, KnownResults known, Evaluator& evaluator, EvaluationStore& store,
             ExplorationSink& sink);
    ~Explorer();  ///< requests stop and joins

    void start();
    void pause();  ///< takes effect within 200 ms, work in flight is kept and finished on resume
    void resume();
    void requestStop();
    void wait();  ///< until ended() was called
    [[nodiscard]] bool isPaused() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Costs of one design, in closed form. Without `conversions` formats meet free of charge.
[[nodiscard]] Costs computeCosts(const std::vector<network::Layer>& layers,
                                 const Assignment& assignment,
                                 const hardware::Accelerator& accelerator,
                                 const FormatConversions& conversions = {});

}  // namespace bitloupe::exploration
