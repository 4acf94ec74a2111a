// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "app/cli/command_line.h"
#include "app/cli/interrupt.h"

/// bitloupe-cli-engine: every command. bitloupe-cli becomes this program when it has to.
int main(int argc, char** argv) {
    bitloupe::cli::endOnInterrupt();
    return bitloupe::cli::runCommandLine({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
