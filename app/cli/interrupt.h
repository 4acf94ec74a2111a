// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

namespace bitloupe::cli {

/// From now on Ctrl-C (SIGINT) or SIGTERM ends the program at once with the exit status of an
/// interrupt and one line on stderr, where no guard is there to do better. Files are never left
/// half-written: they are renamed to their place when they are whole.
void endOnInterrupt();

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
