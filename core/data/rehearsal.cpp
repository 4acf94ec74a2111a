// SPDX-License-Identifier: Apache-2.0
#include "core/data/rehearsal.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <fstream>

namespace bitloupe::data {

namespace {

void limit(decltype(RLIMIT_CPU) what, rlim_t most) {
    const rlimit both{most, most};
    setrlimit(what, &both);
}

rlim_t addressSpace() {
    std::ifstream file("/proc/self/statm");
    rlim_t pages = 0;
    file >> pages;
    return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

[[noreturn]] void rehearse(const std::function<void()>& work, rlim_t memory) {
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM}) {
        std::signal(number, SIG_DFL);
    }
    constexpr unsigned kMostSeconds = 120;
    alarm(kMostSeconds);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, kMostSeconds);
    if (memory > 0) {
        limit(RLIMIT_AS, memory + (rlim_t{2} << 30U));
    }
    try {
        work();
    } catch (const std::exception&) {
        _exit(1);
    }
    _exit(0);
}

}  // namespace

bool survives(const std::function<void()>& work) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const rlim_t memory = 0;  // their shadow takes more address space than any limit
#else
    const rlim_t memory = addressSpace();
#endif
    const pid_t child = fork();
    if (child == 0) {
        rehearse(work, memory);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace bitloupe::data
