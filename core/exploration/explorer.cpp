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

    std::mutex mutex = {};
    std::condition_variable changed = {};
    bool hasEnded = false;
    /// Last: it is joined before anything above is gone.
    std::jthread thread = {};

    void work(const std::stop_token& stop) {
        ExplorationRun(std::move(plan), std::move(known), evaluator, store, sink, gate, stop).run();
        {
            const std::scoped_lock lock(mutex);
            hasEnded = true;
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

Explorer::~Explorer() = default;

void Explorer::start() {
    if (m_impl->thread.joinable()) {
        throw std::logic_error("an exploration starts once");
    }
    m_impl->thread =
        std::jthread([impl = m_impl.get()](const std::stop_token& stop) { impl->work(stop); });
}

void Explorer::pause() {
    m_impl->gate.pause();
}

void Explorer::resume() {
    m_impl->gate.resume();
}

void Explorer::requestStop() {
    m_impl->thread.request_stop();
}

void Explorer::wait() {
    std::unique_lock lock(m_impl->mutex);
    m_impl->changed.wait(lock, [this] { return m_impl->hasEnded || !m_impl->thread.joinable(); });
}

bool Explorer::isPaused() const {
    return m_impl->gate.isPaused();
}

}  // namespace bitloupe::exploration
