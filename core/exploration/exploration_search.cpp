// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/exploration/exploration_run.h"

namespace bitloupe::exploration {

namespace {

/// How many designs a strategy may answer at once. Fixed, so that the pace of the machine never
/// decides what is asked; how many of them run together does not matter to the results.
constexpr std::size_t kGeneration = 512;
/// The same with early stopping, where only designs of earlier generations are rivals.
constexpr std::size_t kRaceGeneration = 64;
/// Designs kept in one transaction when all their assignments are known already.
constexpr std::size_t kLargestTransaction = 4096;

}  // namespace

Design ExplorationRun::assignmentKey(const Design& design) {
    Design key = design;
    if (!key.genes.empty()) {
        key.genes.pop_back();
    }
    return key;
}

PriorKnowledge ExplorationRun::gatherKnowledge() {
    PriorKnowledge knowledge{.layers = m_plan.layers,
                             .sensitivity = m_known.sensitivity,
                             .conversions = m_plan.conversions};
    if (!usesRoundingErrors(m_plan.strategy)) {
        return knowledge;
    }
    if (m_plan.fisher) {
        knowledge.fisher = m_plan.fisher();
    }
    for (const Slot& slot : m_plan.space.layerSlots()) {
        for (const quantization::Quantizer& quantizer : m_plan.space.choices(slot)) {
            m_gate.pass(m_stop);
            if (m_stop.stop_requested()) {
                return knowledge;
            }
            knowledge.rounding.push_back(
                {.layer = slot.layer,
                 .side = slot.side,
                 .quantizer = quantizer,
                 .error = m_evaluator.roundingError(slot.layer, slot.side, quantizer)});
        }
    }
    return knowledge;
}

JobOutcome ExplorationRun::search() {
    const auto most = static_cast<std::int64_t>(
        std::min(m_plan.space.size(), static_cast<double>(m_plan.maxEvaluations)));
    startPhase(Phase::Search, evaluationCount(), std::max(most, evaluationCount()));
    if (evaluationCount() >= most) {
        return JobOutcome::Finished;
    }
    Result<std::unique_ptr<Strategy>> made =
        makeStrategy(m_plan.strategy, m_plan.space, m_plan.objectives, gatherKnowledge());
    if (made.hasError()) {
        throw Failure(made.error());
    }
    Strategy& strategy = *made.value();
    while (evaluationCount() < most) {
        m_gate.pass(m_stop);
        if (m_stop.stop_requested()) {
            return JobOutcome::Cancelled;
        }
        tellOlderForeign(strategy);
        const std::vector<Design> generation =
            strategy.ask(m_rivals ? kRaceGeneration : kGeneration);
        if (generation.empty()) {
            break;
        }
        const JobOutcome outcome = evaluateGeneration(generation);
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
        tellGeneration(strategy, generation);
    }
    return JobOutcome::Finished;
}

JobOutcome ExplorationRun::evaluateGeneration(const std::vector<Design>& generation) {
    chooseRivals(generation);
    for (std::size_t begin = 0; begin < generation.size();) {
        const Batch batch = takeBatch(generation, begin);
        if (batch.designs.empty() && batch.end == begin) {
            return JobOutcome::Finished;  // the study is full
        }
        const JobOutcome outcome = measureBatch(batch);
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
        begin = batch.end;
    }
    forgetStopped(generation);
    return JobOutcome::Finished;
}

void ExplorationRun::tellGeneration(Strategy& strategy, const std::vector<Design>& generation) {
    std::vector<Evaluation> told;
    for (const Design& design : generation) {
        const auto found = m_positions.find(design);
        if (found != m_positions.end()) {  // else the study was full before it
            told.push_back(m_evaluations[found->second]);
        }
    }
    tell(strategy, told);
}

ExplorationRun::Batch ExplorationRun::takeBatch(const std::vector<Design>& generation,
                                                std::size_t begin) {
    Batch batch;
    DesignSet inBatch;
    const std::int64_t room = m_plan.maxEvaluations - evaluationCount();
    for (batch.end = begin; batch.end < generation.size(); ++batch.end) {
        const Design& design = generation[batch.end];
        if (m_positions.contains(design)) {
            markConsumed(design);
            continue;
        }
        const Design key = assignmentKey(design);
        const bool isNew = !m_measurements.contains(key) && !inBatch.contains(key);
        if (static_cast<std::int64_t>(batch.designs.size()) >= room ||
            batch.designs.size() >= kLargestTransaction ||
            (isNew && batch.keys.size() >= m_sizer.size())) {
            break;
        }
        if (isNew) {
            inBatch.insert(key);
            batch.keys.push_back(key);
            batch.assignments.push_back(m_plan.space.assignment(design));
        }
        batch.designs.push_back(design);
    }
    return batch;
}

JobOutcome ExplorationRun::measureBatch(const Batch& batch) {
    if (batch.designs.empty()) {
        return JobOutcome::Finished;
    }
    double seconds = 0;
    if (!batch.assignments.empty()) {
        std::vector<Measurement> measurements;
        const auto ask = [&](const Progressed& progressed) {
            return m_rivals ? m_evaluator.race(racersOf(batch), *m_plan.earlyStopping, m_stop,
                                               progressed)
                            : m_evaluator.evaluate(batch.assignments, m_stop, progressed);
        };
        const JobOutcome outcome = evaluate(batch.assignments.size(), ask, measurements, seconds);
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
        for (std::size_t i = 0; i < batch.keys.size(); ++i) {
            m_measurements.emplace(batch.keys[i], measurements[i]);
        }
        m_sizer.learn(batch.assignments.size(), seconds);
    }
    keepBatch(batch, seconds);
    return JobOutcome::Finished;
}

void ExplorationRun::keepBatch(const Batch& batch, double seconds) {
    std::vector<Evaluation> evaluations;
    evaluations.reserve(batch.designs.size());
    for (const Design& design : batch.designs) {
        Evaluation evaluation = unmeasured(design);
        evaluation.measured = m_measurements.at(assignmentKey(design));
        evaluation.seconds = seconds / static_cast<double>(batch.designs.size());
        evaluation.origin = m_origin;
        evaluations.push_back(std::move(evaluation));
    }
    Failure::check(m_store.append(evaluations));
    for (const Evaluation& evaluation : evaluations) {
        m_positions.emplace(evaluation.design, m_evaluations.size());
        m_evaluations.push_back(evaluation);
    }
    {
        const std::scoped_lock lock(m_sinkMutex);
        m_sink.evaluationsFinished(evaluations);
    }
    reportProgress(static_cast<double>(m_evaluations.size()));
}

void ExplorationRun::markConsumed(const Design& design) {
    if (m_ownLeft.erase(design) > 0) {
        ++m_ownUsed;
    }
}

void ExplorationRun::tellOlderForeign(Strategy& strategy) {
    const std::size_t next =
        m_ownUsed < m_own.size() ? m_own[m_ownUsed] : std::numeric_limits<std::size_t>::max();
    std::vector<Evaluation> told;
    while (m_foreignTold < m_foreign.size() && m_foreign[m_foreignTold] < next) {
        told.push_back(m_evaluations[m_foreign[m_foreignTold++]]);
    }
    if (!told.empty()) {
        tell(strategy, told);
    }
}

}  // namespace bitloupe::exploration
