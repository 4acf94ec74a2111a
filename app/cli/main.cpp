// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "app/cli/interrupt.h"
#include "app/cli/quick_commands.h"

namespace {

/// Becomes the program beside this one that has every command. Returns only on failure.
int becomeEngine(char** argv) {
    std::error_code failure;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failure);
    const std::string engine = (self.parent_path() / "bitloupe-cli-engine").string();
    execvp(engine.c_str(), argv);  // by its name alone where /proc is not mounted
    std::cerr << "bitloupe-cli: the program cannot be started (" << std::strerror(errno)
              << "): " << engine << ": install it beside bitloupe-cli\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    bitloupe::cli::endOnInterrupt();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (bitloupe::cli::isQuickCommand(arguments)) {
        return bitloupe::cli::runQuickCommand(arguments, std::cin, std::cout, std::cerr);
    }
    return becomeEngine(argv);
}
