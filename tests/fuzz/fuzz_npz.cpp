// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>

#include "core/base/npy.h"
#include "tests/core/importers/torch_files.h"
#include "tests/fuzz/data_target.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

std::string npy() {
    std::vector<float> values(60);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i) / 7;
    }
    return npyBytes(Array::of<float>({12, 5}, values));
}

std::string npz() {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("bitloupe-npz-" + std::to_string(getpid())))
            .string();
    const std::vector<std::int64_t> labels = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    writeZip(path, {{"x.npy", npy()}, {"y.npy", npyBytes(Array::of<std::int64_t>({12}, labels))}});
    std::string bytes = readWholeFile(path);
    std::filesystem::remove(path);
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    const int packed = fuzz::run("npz", argc, argv, {npz()}, 3000, [](const std::string& bytes) {
        return fuzz::readAsData(bytes, ".npz");
    });
    const int single = fuzz::run("npy", argc, argv, {npy()}, 3000, [](const std::string& bytes) {
        return fuzz::readAsData(bytes, ".npy");
    });
    return packed + single == 0 ? 0 : 1;
}
