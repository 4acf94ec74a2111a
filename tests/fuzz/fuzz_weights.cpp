// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <filesystem>

#include "core/importers/weights_file.h"
#include "tests/core/importers/torch_files.h"
#include "tests/fuzz/fuzz.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

std::string zipFile() {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("bitloupe-seed-" + std::to_string(getpid())))
            .string();
    const std::string pickle = PickleWriter()
                                   .orderedDict()
                                   .raw("(")
                                   .text("w")
                                   .tensor({.elements = 6, .shape = {2, 3}, .strides = {3, 1}})
                                   .raw("u.")
                                   .bytes;
    writeZip(path, {{"x/data.pkl", pickle}, {"x/data/0", floatBytes({0, 1, 2, 3, 4, 5})}});
    std::string bytes = readWholeFile(path);
    std::filesystem::remove(path);
    return bytes;
}

std::string safetensorsFile() {
    const std::string header = R"({"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                               R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]}})";
    return PickleWriter::little(header.size(), 8) + header + floatBytes({1, 2}) + "\xc0\x3f";
}

std::string readAs(const std::string& bytes, const std::string& extension) {
    return fuzz::throughFile(bytes, extension, [](const std::string& path) {
        const auto tensors = importers::readWeights(path);
        return tensors.hasError() ? tensors.error().sentence() : std::string();
    });
}

}  // namespace

int main(int argc, char** argv) {
    const int zip = fuzz::run("weights-zip", argc, argv, {zipFile()}, 5000,
                              [](const std::string& bytes) { return readAs(bytes, ".pth"); });
    const int safetensors =
        fuzz::run("weights-safetensors", argc, argv, {safetensorsFile()}, 5000,
                  [](const std::string& bytes) { return readAs(bytes, ".safetensors"); });
    return zip == 0 ? safetensors : zip;
}
