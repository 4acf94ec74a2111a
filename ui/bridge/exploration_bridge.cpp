// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/exploration_bridge.h"

#include <algorithm>
#include <chrono>

#include "core/exploration/front.h"

namespace bitloupe::ui {

namespace {

using exploration::Evaluation;

constexpr std::chrono::milliseconds kDrainInterval{40};

std::optional<exploration::Costs> floatCosts(const exploration::ExplorationPlan& plan) {
    if (plan.space.accelerators().empty()) {
        return std::nullopt;
    }
    return exploration::computeCosts(plan.layers, exploration::Assignment(plan.layers.size()),
                                     plan.space.accelerators().front());
}

std::vector<double> volumeReference(const exploration::ExplorationPlan& plan,
                                    const std::optional<exploration::Measurement>& floatNetwork) {
    return plan.layers.empty() || plan.space.accelerators().empty()
               ? std::vector<double>()
               : exploration::referencePoint(plan.objectives, floatNetwork, plan.layers,
                                             plan.space.accelerators());
}

/// The front of everything, from the front so far and what is new: nothing else can be on it.
std::vector<std::size_t> extendedFront(const std::vector<std::size_t>& front, const Snapshot& study,
                                       std::size_t firstNew) {
    const EvaluationLog& log = study.evaluations;
    std::vector<std::size_t> positions = front;
    for (std::size_t position = firstNew; position < log.size(); ++position) {
        positions.push_back(position);
    }
    std::vector<Evaluation> candidates;
    candidates.reserve(positions.size());
    for (const std::size_t position : positions) {
        candidates.push_back(log[position]);
    }
    std::vector<std::size_t> result;
    for (const std::size_t index :
         exploration::paretoFront(candidates, study.objectives, study.constraints)) {
        result.push_back(positions[index]);
    }
    return result;
}

}  // namespace

ExplorationBridge::ExplorationBridge(QObject* parent)
    : QObject(parent), m_snapshot(std::make_shared<Snapshot>()) {
    m_timer.setInterval(kDrainInterval);
    connect(&m_timer, &QTimer::timeout, this, &ExplorationBridge::drain);
}

ExplorationBridge::~ExplorationBridge() = default;

void ExplorationBridge::show(const exploration::ExplorationPlan& plan,
                             const exploration::KnownResults& known) {
    Q_ASSERT(!isBusy());
    auto next = std::make_shared<Snapshot>();
    next->generation = m_snapshot->generation + 1;
    next->objectives = plan.objectives;
    next->constraints = plan.strategy.rules.constraints;
    next->reference = known.reference;
    next->referenceCosts = floatCosts(plan);
    next->volumeReference = volumeReference(plan, known.reference);
    next->sensitivity = known.sensitivity;
    next->leaveOneInFloat = known.leaveOneInFloat;
    next->channels = known.channels;
    next->evaluations.append(known.evaluations);
    next->front = extendedFront({}, *next, 0);
    publish(std::move(next));
}

void ExplorationBridge::add(const Evaluation& evaluation) {
    Mailbox::Post post;
    post.evaluations = {evaluation};
    auto next = std::make_shared<Snapshot>(*m_snapshot);
    apply(post, *next);
    publish(std::move(next));
}

void ExplorationBridge::start(Job job) {
    Q_ASSERT(!isBusy());
    m_job = std::move(job);
    static_cast<void>(m_mailbox.take());
    m_explorer = std::make_unique<exploration::Explorer>(m_job.plan, m_job.known, *m_job.evaluator,
                                                         *m_job.store, m_mailbox);
    setState(RunState::Running);
    m_explorer->start();
    m_timer.start();
}

void ExplorationBridge::pause() {
    if (state() == RunState::Running) {
        m_explorer->pause();
        setState(RunState::Paused);
    }
}

void ExplorationBridge::resume() {
    if (state() == RunState::Paused) {
        m_explorer->resume();
        setState(RunState::Running);
    }
}

void ExplorationBridge::stop() {
    if (state() == RunState::Running || state() == RunState::Paused) {
        m_explorer->requestStop();
        setState(RunState::Stopping);
    }
}

void ExplorationBridge::stopAndWait() {
    if (!isBusy()) {
        return;
    }
    stop();
    m_explorer->wait();
    drain();
}

void ExplorationBridge::drain() {
    const Mailbox::Post post = m_mailbox.take();
    if (post.empty()) {
        return;
    }
    auto next = std::make_shared<Snapshot>(*m_snapshot);
    apply(post, *next);
    publish(std::move(next));
    if (post.ending) {
        end(*post.ending);
    }
}

void ExplorationBridge::apply(const Mailbox::Post& post, Snapshot& next) const {
    if (post.reference) {
        next.reference = post.reference;
        next.volumeReference = volumeReference(m_job.plan, post.reference);
    }
    if (post.progress) {
        next.progress = *post.progress;
    }
    next.sensitivity.insert(next.sensitivity.end(), post.sensitivity.begin(),
                            post.sensitivity.end());
    next.leaveOneInFloat.insert(next.leaveOneInFloat.end(), post.leaveOneInFloat.begin(),
                                post.leaveOneInFloat.end());
    next.channels.insert(next.channels.end(), post.channels.begin(), post.channels.end());
    if (!post.evaluations.empty()) {
        const std::size_t firstNew = next.evaluations.size();
        const std::int64_t lastKnown = firstNew == 0 ? 0 : next.evaluations[firstNew - 1].id;
        const auto unknown =
            std::find_if(post.evaluations.begin(), post.evaluations.end(),
                         [lastKnown](const Evaluation& e) { return e.id > lastKnown; });
        next.evaluations.append({unknown, post.evaluations.end()});
        next.front = extendedFront(next.front, next, firstNew);
    }
}

void ExplorationBridge::end(const Mailbox::Ending& ending) {
    m_timer.stop();
    m_explorer.reset();
    m_job = {};
    setState(RunState::Idle);
    if (ending.outcome == JobOutcome::Failed) {
        Q_EMIT failed(ending.error);
    }
    Q_EMIT finished(ending.outcome == JobOutcome::Cancelled);
}

void ExplorationBridge::setState(RunState state) {
    auto next = std::make_shared<Snapshot>(*m_snapshot);
    next->state = state;
    publish(std::move(next));
    Q_EMIT stateChanged(state);
}

void ExplorationBridge::publish(std::shared_ptr<Snapshot> next) {
    m_snapshot = std::move(next);
    Q_EMIT snapshotChanged(m_snapshot);
}

}  // namespace bitloupe::ui
