// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "app/cli/command_line.h"

namespace bitloupe::testing {

/// What a command line left behind.
struct Outcome {
    int status = 0;
    std::string out;
    std::string err;
};

/// Runs a command line in this process with `input` on its standard input.
[[nodiscard]] inline Outcome run(const std::vector<std::string>& arguments,
                                 const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const int status = cli::runCommandLine(arguments, in, out, err);
    return {status, out.str(), err.str()};
}

}  // namespace bitloupe::testing
