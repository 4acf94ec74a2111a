// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::cli {

// Exit statuses that scripts rely on.
inline constexpr int kDone = 0;
inline constexpr int kWorkFailed = 1;
inline constexpr int kBadInput = 2;
inline constexpr int kInterrupted = 130;

/// What every command shares: the general options, the streams, and the status it ends with.
/// stdout carries the result alone; progress and errors go to `err`.
struct Context {
    bool json = false;
    bool quiet = false;
    int threads = 0;  ///< 0: one per core
    std::uint64_t seed = 1;
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    int status = kDone;

    /// Writes the one line `bitloupe-cli: WHAT: WHERE: what to do` and sets the status.
    void fail(const Error& error, int status = kBadInput);
};

/// Runs the command line `arguments` (without the program's name) and returns the exit status.
int runCommandLine(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                   std::ostream& err);

}  // namespace bitloupe::cli
