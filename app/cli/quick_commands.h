// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

/// The commands that never run a network. LibTorch alone takes a third of a second to start; a
/// script that calls one of these a thousand times should not wait for it.
namespace bitloupe::cli {

/// Whether these arguments ask for one of them.
[[nodiscard]] bool isQuickCommand(const std::vector<std::string>& arguments);

/// As runCommandLine, for them alone.
int runQuickCommand(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out,
                    std::ostream& err);

}  // namespace bitloupe::cli
