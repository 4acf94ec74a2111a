// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/exploration_run.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bitloupe::exploration {

namespace {

constexpr double kReportSeconds = 0.1;

Error programFault(const std::string& text) {
    return {"the exploration failed: " + text, "", "finished evaluations are kept; start it again"};
}

}  // namespace

ExplorationRun::ExplorationRun(ExplorationPlan plan, KnownResults known, Evaluator& evaluator,
                               EvaluationStore& store, ExplorationSink& sink, PauseGate& gate,
                               std::stop_token stop)
    : m_plan(std::move(plan)),
      m_known(std::move(known)),
      m_evaluator(evaluator),
      m_store(store),
      m_sink(sink),
      m_gate(gate),
      m_stop(std::move(stop)),
      m_origin(m_plan.strategy.name + "#" + std::to_string(m_plan.strategy.seed)),
      m_evaluations(std::move(m_known.evaluations)) {
    // What training made of a design says nothing about the design as the search measures it.
    // A design from elsewhere may use what the search has no choice for.
    std::erase_if(m_evaluations, [this](const Evaluation& each) {
        return each.parent != 0 || !m_plan.space.contains(each.design);
    });
    for (std::size_t i = 0; i < m_evaluations.size(); ++i) {
        const Evaluation& evaluation = m_evaluations[i];
        m_positions.emplace(evaluation.design, i);
        m_measurements.emplace(assignmentKey(evaluation.design), evaluation.measured);
        const bool isOwn = evaluation.origin == m_origin;
        (isOwn ? m_own : m_foreign).push_back(i);
        if (isOwn) {
            m_ownLeft.insert(evaluation.design);
        }
    }
}

void ExplorationRun::run() {
    JobOutcome outcome = JobOutcome::Failed;
    Error error;
    try {
        outcome = runPhases();
    } catch (const Failure& failure) {
        error = failure.error();
    } catch (const std::exception& exception) {
        error = programFault(exception.what());
    } catch (...) {
        error = programFault("an exception without a text");
    }
    const std::scoped_lock lock(m_sinkMutex);
    m_sink.ended(outcome, error);
}

JobOutcome ExplorationRun::runPhases() {
    for (const auto phase : {&ExplorationRun::measureReference, &ExplorationRun::measureSensitivity,
                             &ExplorationRun::search}) {
        const JobOutcome outcome = (this->*phase)();
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
    }
    return JobOutcome::Finished;
}

JobOutcome ExplorationRun::measureReference() {
    if (m_known.reference.has_value()) {
        return JobOutcome::Finished;
    }
    startPhase(Phase::Reference, 0, 1);
    const std::vector<Assignment> population = {Assignment(m_plan.layers.size())};
    std::vector<Measurement> measurements;
    double seconds = 0;
    const JobOutcome outcome = evaluate(population, measurements, seconds);
    if (outcome != JobOutcome::Finished) {
        return outcome;
    }
    m_known.reference = measurements.front();
    Failure::check(m_store.setReference(measurements.front()));
    {
        const std::scoped_lock lock(m_sinkMutex);
        m_sink.referenceMeasured(measurements.front());
    }
    reportProgress(1);
    return JobOutcome::Finished;
}

std::vector<SensitivityCell> ExplorationRun::missingCells() const {
    std::vector<SensitivityCell> cells;
    for (const Slot& slot : m_plan.space.layerSlots()) {
        for (const quantization::Quantizer& quantizer : m_plan.space.choices(slot)) {
            const bool known = std::any_of(
                m_known.sensitivity.begin(), m_known.sensitivity.end(), [&](const auto& cell) {
                    return cell.layer == slot.layer && cell.side == slot.side &&
                           cell.quantizer == quantizer;
                });
            if (!known && !quantizer.isIdentity()) {
                cells.push_back({.layer = slot.layer, .side = slot.side, .quantizer = quantizer});
            }
        }
    }
    return cells;
}

JobOutcome ExplorationRun::measureSensitivity() {
    if (!m_plan.sensitivityFirst) {
        return JobOutcome::Finished;
    }
    std::vector<SensitivityCell> cells = missingCells();
    if (cells.empty()) {
        return JobOutcome::Finished;
    }
    const std::size_t known = m_known.sensitivity.size();
    startPhase(Phase::Sensitivity, static_cast<std::int64_t>(known),
               static_cast<std::int64_t>(known + cells.size()));
    for (std::size_t begin = 0; begin < cells.size();) {
        const std::size_t count = std::min(m_sizer.size(), cells.size() - begin);
        const std::span<SensitivityCell> batch = std::span(cells).subspan(begin, count);
        const JobOutcome outcome = measureCells(batch);
        if (outcome != JobOutcome::Finished) {
            return outcome;
        }
        Failure::check(m_store.appendSensitivity(batch));
        m_known.sensitivity.insert(m_known.sensitivity.end(), batch.begin(), batch.end());
        {
            const std::scoped_lock lock(m_sinkMutex);
            m_sink.sensitivityMeasured({batch.begin(), batch.end()});
        }
        begin += count;
        reportProgress(static_cast<double>(known + begin));
    }
    return JobOutcome::Finished;
}

JobOutcome ExplorationRun::measureCells(std::span<SensitivityCell> cells) {
    std::vector<Assignment> population;
    for (const SensitivityCell& cell : cells) {
        Assignment assignment(m_plan.layers.size());
        quantization::LayerScheme& scheme = assignment.at(cell.layer);
        (cell.side == Side::Weights ? scheme.weights : scheme.activations) = cell.quantizer;
        population.push_back(std::move(assignment));
    }
    std::vector<Measurement> measurements;
    double seconds = 0;
    const JobOutcome outcome = evaluate(population, measurements, seconds);
    if (outcome == JobOutcome::Finished) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            SensitivityCell& cell = cells[i];
            cell.measured = measurements[i];
            cell.sqnrDb = m_evaluator.roundingError(cell.layer, cell.side, cell.quantizer).sqnrDb;
        }
        m_sizer.learn(cells.size(), seconds);
    }
    return outcome;
}

JobOutcome ExplorationRun::evaluate(std::span<const Assignment> population,
                                    std::vector<Measurement>& measurements, double& seconds) {
    m_gate.pass(m_stop);
    if (m_stop.stop_requested()) {
        return JobOutcome::Cancelled;
    }
    const double start = m_gate.activeSeconds();
    Evaluator::Answer answer =
        m_evaluator.evaluate(population, m_stop, [this, count = population.size()](double share) {
            m_gate.pass(m_stop);
            evaluatorProgressed(share, count);
        });
    seconds = m_gate.activeSeconds() - start;
    if (answer.outcome == JobOutcome::Failed) {
        throw Failure(std::move(answer.error));
    }
    if (answer.outcome == JobOutcome::Finished && answer.measurements.size() != population.size()) {
        throw std::logic_error("the evaluator answered another number of designs than asked");
    }
    measurements = std::move(answer.measurements);
    return answer.outcome;
}

void ExplorationRun::startPhase(Phase phase, std::int64_t done, std::int64_t total) {
    {
        const std::scoped_lock lock(m_sinkMutex);
        m_meter = ProgressMeter(phase, static_cast<double>(done), total, m_gate.activeSeconds());
        m_lastReport = -1;
    }
    reportProgress(static_cast<double>(done));
}

void ExplorationRun::evaluatorProgressed(double share, std::size_t population) {
    // Whoever finds another thread reporting has nothing newer to say.
    const std::unique_lock lock(m_sinkMutex, std::try_to_lock);
    const double now = m_gate.activeSeconds();
    if (!lock.owns_lock() || now - m_lastReport < kReportSeconds) {
        return;
    }
    m_lastReport = now;
    // A design counts as done when it is kept: a share of the last one is never rounded up.
    const double inWork = std::clamp(share, 0.0, 0.999) * static_cast<double>(population);
    m_sink.progressed(m_meter.update(m_done + inWork, now));
}

void ExplorationRun::reportProgress(double done) {
    const std::scoped_lock lock(m_sinkMutex);
    m_done = done;
    m_lastReport = m_gate.activeSeconds();
    m_sink.progressed(m_meter.update(done, m_lastReport));
}

}  // namespace bitloupe::exploration
