// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <mutex>
#include <stop_token>
#include <utility>

#include "core/exploration/design_hash.h"
#include "core/exploration/explorer.h"
#include "core/exploration/pace.h"
#include "core/exploration/pause_gate.h"
#include "core/exploration/rivals.h"

namespace bitloupe::exploration {

/// Carries the Error of a store, an evaluator or a strategy to the edge of the job.
class Failure : public std::exception {
public:
    explicit Failure(Error error) : m_error(std::move(error)) {}
    [[nodiscard]] const Error& error() const { return m_error; }
    /// Passes when there is none.
    static void check(const Result<void>& result) {
        if (result.hasError()) {
            throw Failure(result.error());
        }
    }

private:
    Error m_error;
};

/// The work of an Explorer, on the thread that calls run(). Resuming is replaying: the strategy is
/// asked from the beginning, and what it asks for is taken from the known results as far as they
/// go. So a run that was killed and one that was not end with the same evaluations in the same
/// order.
class ExplorationRun {
public:
    ExplorationRun(ExplorationPlan plan, KnownResults known, Evaluator& evaluator,
                   EvaluationStore& store, ExplorationSink& sink, PauseGate& gate,
                   std::stop_token stop);

    /// Never throws; the sink's ended() is the last call.
    void run();

private:
    /// What is left to measure of a generation: a stretch of it and the assignments that are new.
    struct Batch {
        std::vector<Design> designs;
        std::vector<Assignment> assignments;
        std::vector<Design> keys;  ///< of the assignments
        std::size_t end = 0;       ///< position in the generation behind the batch
    };

    JobOutcome runPhases();
    JobOutcome measureReference();
    JobOutcome measureSensitivity();
    JobOutcome measureLeaveOneInFloat();
    JobOutcome measureChannels();
    JobOutcome search();
    JobOutcome evaluateGeneration(const std::vector<Design>& generation);

    /// Measures the cells a batch at a time; `keep` gets each batch, measured. `known`: how many of
    /// the map are there already.
    template <typename Cell, typename Measure, typename Keep>
    JobOutcome measureMap(std::vector<Cell> cells, std::size_t known, const Measure& measure,
                          const Keep& keep);
    [[nodiscard]] JobOutcome measureCells(std::span<SensitivityCell> cells);
    [[nodiscard]] JobOutcome measureCells(std::span<LeaveOneInFloatCell> cells);
    [[nodiscard]] JobOutcome measureCells(std::span<ChannelCell> cells);
    [[nodiscard]] Assignment leftInFloat(const LeaveOneInFloatCell& cell) const;
    [[nodiscard]] PriorKnowledge gatherKnowledge();
    [[nodiscard]] Batch takeBatch(const std::vector<Design>& generation, std::size_t begin);
    [[nodiscard]] JobOutcome measureBatch(const Batch& batch);
    /// Whom the designs of a generation race against: chosen from what the strategy was told
    /// before, so that neither the size of a population nor the pace decides it.
    void chooseRivals(const std::vector<Design>& generation);
    [[nodiscard]] std::vector<Racer> racersOf(const Batch& batch) const;
    /// Another generation may race the same assignment against somebody else.
    void forgetStopped(const std::vector<Design>& generation);
    /// The design with its costs, not yet measured.
    [[nodiscard]] Evaluation unmeasured(const Design& design) const;
    void tell(Strategy& strategy, const std::vector<Evaluation>& evaluations);
    void keepBatch(const Batch& batch, double seconds);
    void tellOlderForeign(Strategy& strategy);
    void tellGeneration(Strategy& strategy, const std::vector<Design>& generation);
    void markConsumed(const Design& design);

    /// Runs the evaluator on one population; measurements only when finished.
    JobOutcome evaluate(std::span<const Assignment> population,
                        std::vector<Measurement>& measurements, double& seconds);
    using Progressed = std::function<void(double)>;
    /// Runs `ask`, which measures `count` designs and tells the given function how far it is.
    JobOutcome evaluate(std::size_t count,
                        const std::function<Evaluator::Answer(const Progressed&)>& ask,
                        std::vector<Measurement>& measurements, double& seconds);
    void startPhase(Phase phase, std::int64_t done, std::int64_t total);
    void evaluatorProgressed(double share, std::size_t population);
    void reportProgress(double done);
    /// The design without its accelerator: designs that agree in it share their measurement.
    [[nodiscard]] static Design assignmentKey(const Design& design);
    [[nodiscard]] std::int64_t evaluationCount() const {
        return static_cast<std::int64_t>(m_evaluations.size());
    }

    ExplorationPlan m_plan;
    KnownResults m_known;
    Evaluator& m_evaluator;
    EvaluationStore& m_store;
    ExplorationSink& m_sink;
    PauseGate& m_gate;
    std::stop_token m_stop;

    std::string m_origin;
    std::vector<Evaluation> m_evaluations;
    DesignMap<std::size_t> m_positions;  ///< in m_evaluations
    DesignMap<Measurement> m_measurements;

    /// Replay: known evaluations of this strategy and seed are consumed as it asks for them; the
    /// others are told to it at the place in the journal where they stand.
    DesignSet m_ownLeft;
    std::vector<std::size_t> m_own;
    std::vector<std::size_t> m_foreign;
    std::size_t m_ownUsed = 0;
    std::size_t m_foreignTold = 0;

    std::optional<Rivals> m_rivals;         ///< with early stopping
    DesignMap<Measurement> m_rivalsOfKeys;  ///< of the generation in work

    BatchSizer m_sizer;
    std::mutex m_sinkMutex;
    ProgressMeter m_meter;          ///< under m_sinkMutex
    double m_lastReport = -1;       ///< under m_sinkMutex
    std::atomic<double> m_done{0};  ///< of this phase, before the population in work
};

}  // namespace bitloupe::exploration
