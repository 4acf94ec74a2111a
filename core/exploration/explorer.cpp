// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/explorer.h"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/exploration/exploration_run.h"

namespace bitloupe::exploration {

class Explorer::Impl {
public:
    ExplorationPlan plan;
    KnownResults known;
    Evaluator& evaluator;
    EvaluationStore& store;
    ExplorationSink& sink;
    PauseGate gate = {};

    /// Not the thread's own: the sink may ask for a stop while start() still makes the thread.
    std::stop_source stop = {};
    std::mutex mutex = {};
    std::condition_variable changed = {};
    bool isRunning = false;
    std::jthread thread = {};

    void work() {
        ExplorationRun(std::move(plan), std::move(known), evaluator, store, sink, gate,
                       stop.get_token())
            .run();
        {
            const std::scoped_lock lock(mutex);
            isRunning = false;
        }
        changed.notify_all();
    }
};

Explorer::Explorer(ExplorationPlan plan, KnownResults known, Evaluator& evaluator,
                   EvaluationStore& store, ExplorationSink& sink)
    : m_impl(new Impl{.plan = std::move(plan),
                      .known = std::move(known),
                      .evaluator = evaluator,
                      .store = store,
                      .sink = sink}) {}

Explorer::~Explorer() {
    requestStop();
}  // the thread, the last member, is joined first

void Explorer::start() {
    if (m_impl->thread.joinable()) {
        throw std::logic_error("an exploration starts once");
    }
    {
        const std::scoped_lock lock(m_impl->mutex);
        m_impl->isRunning = true;
    }
    m_impl->thread = std::jthread([impl = m_impl.get()] { impl->work(); });
}

void Explorer::pause() {
    m_impl->gate.pause();
}

void Explorer::resume() {
    m_impl->gate.resume();
}

void Explorer::requestStop() {
    m_impl->stop.request_stop();
}

void Explorer::wait() {
    std::unique_lock lock(m_impl->mutex);
    m_impl->changed.wait(lock, [this] { return !m_impl->isRunning; });
}

bool Explorer::isPaused() const {
    return m_impl->gate.isPaused();
}

}  // namespace bitloupe::exploration
