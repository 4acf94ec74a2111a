// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "app/cli/command_line.h"

int main(int argc, char** argv) {
    return bitloupe::cli::runCommandLine({argv + 1, argv + argc}, std::cin, std::cout, std::cerr);
}
