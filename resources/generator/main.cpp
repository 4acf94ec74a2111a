// SPDX-License-Identifier: Apache-2.0
// Makes the data and networks of the example studies again: bitloupe-make-examples
// resources/examples
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "resources/generator/examples.h"

int main(int argc, char** argv) {
    if (argc < 2 || argc > 3 || !std::filesystem::is_directory(argv[1])) {
        std::fprintf(stderr, "usage: bitloupe-make-examples resources/examples [digits|jets]\n");
        return 2;
    }
    const std::filesystem::path folder = argv[1];
    const std::string only = argc == 3 ? argv[2] : "";
    try {
        if (only.empty() || only == "digits") {
            bitloupe::generator::makeDigits(folder / "digits");
        }
        if (only.empty() || only == "jets") {
            bitloupe::generator::makeJets(folder / "jets");
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bitloupe-make-examples: %s\n", error.what());
        return 1;
    }
    return 0;
}
