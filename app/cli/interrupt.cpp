// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace bitloupe::cli {

namespace {

// A signal handler may do next to nothing: it writes one byte into a pipe that a thread reads.
std::array<int, 2> g_pipe = {-1, -1};
std::atomic<bool> g_wasInterrupted = false;
constexpr char kInterrupted = 'i';
constexpr char kEnd = 'e';

void handleSignal(int number) {
    const int kept = errno;
    [[maybe_unused]] const auto written = ::write(g_pipe[1], &kInterrupted, 1);
    std::signal(number, SIG_DFL);  // the second one ends the program
    errno = kept;
}

}  // namespace

InterruptGuard::InterruptGuard(std::function<void()> onInterrupt) {
    if (::pipe(g_pipe.data()) != 0) {
        throw std::runtime_error("no pipe for signals can be made");
    }
    g_wasInterrupted = false;
    m_listener = std::thread([call = std::move(onInterrupt)] {
        char byte = 0;
        while (::read(g_pipe[0], &byte, 1) == 1 && byte != kEnd) {
            g_wasInterrupted = true;
            call();
        }
    });
    std::signal(SIGINT, handleSignal);
    std::signal(SIGTERM, handleSignal);
}

InterruptGuard::~InterruptGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    [[maybe_unused]] const auto written = ::write(g_pipe[1], &kEnd, 1);
    m_listener.join();
    ::close(g_pipe[0]);
    ::close(g_pipe[1]);
}

bool InterruptGuard::wasInterrupted() {
    return g_wasInterrupted;
}

}  // namespace bitloupe::cli
