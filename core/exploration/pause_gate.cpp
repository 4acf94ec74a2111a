// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/pause_gate.h"

namespace bitloupe::exploration {

void PauseGate::pause() {
    const std::scoped_lock lock(m_mutex);
    if (!m_paused) {
        m_paused = true;
        m_pausedAt = Clock::now();
    }
}

void PauseGate::resume() {
    {
        const std::scoped_lock lock(m_mutex);
        if (m_paused) {
            m_paused = false;
            m_pausedTime += Clock::now() - m_pausedAt;
        }
    }
    m_opened.notify_all();
}

bool PauseGate::isPaused() const {
    const std::scoped_lock lock(m_mutex);
    return m_paused;
}

void PauseGate::pass(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_opened.wait(lock, stop, [this] { return !m_paused; });
}

double PauseGate::activeSeconds() const {
    const std::scoped_lock lock(m_mutex);
    const Clock::time_point now = m_paused ? m_pausedAt : Clock::now();
    return std::chrono::duration<double>(now - m_start - m_pausedTime).count();
}

}  // namespace bitloupe::exploration
