// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/data_target.h"

namespace {

/// Records of `labels` label bytes and 3,072 pixels.
std::string records(std::size_t labels) {
    std::string bytes;
    for (int record = 0; record < 12; ++record) {
        bytes += std::string(labels, static_cast<char>(record % 10));
        for (int pixel = 0; pixel < 3072; ++pixel) {
            bytes += static_cast<char>(pixel * (record + 3));
        }
    }
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace bitloupe::fuzz;
    return run("cifar", argc, argv, {records(1), records(2)}, 1500,
               [](const std::string& bytes) { return readAsData(bytes, ".bin"); });
}
