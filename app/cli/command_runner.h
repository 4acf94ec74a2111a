// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/cli/command_line.h"

namespace bitloupe::cli {

/// Parses `arguments` with the general options and the commands that `addCommands` adds, runs the
/// one that is asked for, and returns the exit status.
int runCommands(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                std::ostream& err, const std::function<void(CLI::App&, Context&)>& addCommands);

}  // namespace bitloupe::cli
