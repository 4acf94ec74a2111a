// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace bitloupe::exploration {

/// Where the threads of an exploration wait while it is paused, and the clock that stands still
/// meanwhile. Every function may be called from any thread.
class PauseGate {
public:
    void pause();
    void resume();
    [[nodiscard]] bool isPaused() const;
    /// Returns when the gate is open or a stop is requested.
    void pass(const std::stop_token& stop);
    /// Seconds since the gate was made, without the time it was closed.
    [[nodiscard]] double activeSeconds() const;

private:
    using Clock = std::chrono::steady_clock;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_opened;
    bool m_paused = false;
    Clock::time_point m_start = Clock::now();
    Clock::time_point m_pausedAt;
    Clock::duration m_pausedTime{};
};

}  // namespace bitloupe::exploration
