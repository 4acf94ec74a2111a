// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace bitloupe::cli {

/// While it lives, the first Ctrl-C (SIGINT) or SIGTERM calls `onInterrupt` on a thread of its own
/// instead of ending the program; a second one ends it. One at a time.
class InterruptGuard {
public:
    explicit InterruptGuard(std::function<void()> onInterrupt);
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    /// Whether it was called.
    [[nodiscard]] static bool wasInterrupted();

private:
    std::thread m_listener;
};

}  // namespace bitloupe::cli
