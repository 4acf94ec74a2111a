// SPDX-License-Identifier: Apache-2.0
#include "core/importers/pickle_tensors.h"
#include "tests/core/importers/torch_files.h"
#include "tests/fuzz/fuzz.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

/// Reads the pickle and copies its tensors out of storages of zeros.
std::string readAndUse(const std::string& bytes) {
    const Result<importers::Pickle> pickle = importers::readPickle(std::as_bytes(std::span(bytes)));
    if (pickle.hasError()) {
        return pickle.error().sentence();
    }
    const Result<importers::StateDict> dict = importers::stateDictOf(pickle.value());
    if (dict.hasError()) {
        return dict.error().sentence();
    }
    const auto tensors = importers::tensorsOf(
        dict.value(),
        [](const std::string&, std::uint64_t size) -> Result<std::string> {
            return std::string(size, '\0');
        },
        std::uint64_t{1} << 20U);
    return tensors.hasError() ? tensors.error().sentence() : "";
}

}  // namespace

int main(int argc, char** argv) {
    const PickleWriter::Tensor matrix{.elements = 6, .shape = {2, 3}, .strides = {3, 1}};
    const PickleWriter::Tensor part{.storageType = "HalfStorage",
                                    .key = "7",
                                    .elements = 9,
                                    .offset = 2,
                                    .shape = {3},
                                    .strides = {2}};
    const std::string plain =
        PickleWriter().orderedDict().raw("(").text("w").tensor(matrix).raw("u.").bytes;
    const std::string nested =
        PickleWriter()
            .raw("}q\x01(")
            .text("epoch")
            .raw("K\x05")
            .text("state_dict")
            .orderedDict()
            .raw("r\x02" + std::string(3, '\0') + "(")
            .text("module.a")
            .tensor(matrix)
            .text("module.b")
            .tensor(part)
            .raw("u")
            .text("list")
            .raw("](K\x01G\x3f\xf0" + std::string(6, '\0') + "\x88Neh\x01" + "0u.")
            .bytes;
    return fuzz::run("pickle", argc, argv, {plain, nested}, 50000, readAndUse);
}
