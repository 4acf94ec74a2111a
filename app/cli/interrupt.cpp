// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "app/cli/command_line.h"

namespace bitloupe::cli {

namespace {

// A signal handler may do next to nothing: it writes one byte into a pipe that a thread reads.
std::array<int, 2> pipeEnds = {-1, -1};
std::atomic<bool> wasInterruptedOnce = false;
constexpr char kCall = 'i';
constexpr char kEnd = 'e';

using Handler = void (*)(int);
std::atomic<Handler> handlerWithoutGuard = SIG_DFL;

void endProgram(int /*number*/) {
    constexpr std::string_view kLine = "bitloupe-cli: interrupted\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
    ::_exit(kInterrupted);
}

void handleSignal(int number) {
    const int kept = errno;
    [[maybe_unused]] const auto written = ::write(pipeEnds[1], &kCall, 1);
    std::signal(number, handlerWithoutGuard);  // the second one ends the program
    errno = kept;
}

}  // namespace

void endOnInterrupt() {
    handlerWithoutGuard = endProgram;
    std::signal(SIGINT, endProgram);
    std::signal(SIGTERM, endProgram);
}

InterruptGuard::InterruptGuard(std::function<void()> onInterrupt) {
    if (::pipe(pipeEnds.data()) != 0) {
        throw std::runtime_error("no pipe for signals can be made");
    }
    wasInterruptedOnce = false;
    m_listener = std::thread([call = std::move(onInterrupt)] {
        char byte = 0;
        while (::read(pipeEnds[0], &byte, 1) == 1 && byte != kEnd) {
            wasInterruptedOnce = true;
            call();
        }
    });
    std::signal(SIGINT, handleSignal);
    std::signal(SIGTERM, handleSignal);
}

InterruptGuard::~InterruptGuard() {
    std::signal(SIGINT, handlerWithoutGuard);
    std::signal(SIGTERM, handlerWithoutGuard);
    [[maybe_unused]] const auto written = ::write(pipeEnds[1], &kEnd, 1);
    m_listener.join();
    ::close(pipeEnds[0]);
    ::close(pipeEnds[1]);
}

bool InterruptGuard::wasInterrupted() {
    return wasInterruptedOnce;
}

}  // namespace bitloupe::cli
