// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_external.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/base/text.h"

namespace bitloupe::importers {

namespace fs = std::filesystem;

namespace {

struct Location {
    std::string file;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
};

Result<Location> locationOf(const onnx::TensorProto& tensor) {
    Location location;
    for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
        if (entry.key() == "location") {
            location.file = entry.value();
        } else if (entry.key() == "offset" || entry.key() == "length") {
            const std::optional<std::int64_t> number = text::parseInteger(entry.value());
            if (!number || *number < 0) {
                return Error{"the " + entry.key() + " of its external data is not a number", "",
                             "export the network again"};
            }
            (entry.key() == "offset" ? location.offset : location.length.emplace()) =
                static_cast<std::uint64_t>(*number);
        }
    }
    if (location.file.empty()) {
        return Error{"its external data names no file", "", "export the network again"};
    }
    return location;
}

/// The real path, if it is a regular file inside the real `folder`.
Result<fs::path> pathInside(const std::string& folder, const std::string& file) {
    std::error_code code;
    const fs::path root = fs::canonical(folder.empty() ? fs::path(".") : fs::path(folder), code);
    const fs::path wanted = code ? fs::path() : fs::weakly_canonical(root / file, code);
    const auto [end, unused] =
        std::mismatch(root.begin(), root.end(), wanted.begin(), wanted.end());
    if (code || fs::path(file).is_absolute() || end != root.end()) {
        return Error{"its external data " + file + " is not beside the network", "",
                     "put both files into one folder"};
    }
    if (!fs::is_regular_file(wanted, code)) {
        return Error{"its external data " + file + " is missing", "",
                     "put the file into the network's folder"};
    }
    return wanted;
}

}  // namespace

Result<std::string> readExternalData(const onnx::TensorProto& tensor, const std::string& folder,
                                     std::uint64_t expectedBytes) {
    const Result<Location> found = locationOf(tensor);
    if (found.hasError()) {
        return found.error();
    }
    const Location& location = found.value();
    const Result<fs::path> path = pathInside(folder, location.file);
    if (path.hasError()) {
        return path.error();
    }
    std::error_code code;
    const std::uintmax_t size = fs::file_size(path.value(), code);
    if (code || location.length.value_or(expectedBytes) != expectedBytes ||
        location.offset > size || expectedBytes > size - location.offset) {
        return Error{"its external data needs " + std::to_string(expectedBytes) +
                         " bytes at byte " + std::to_string(location.offset) + " of " +
                         location.file + ", which has " + std::to_string(code ? 0 : size),
                     "", "copy the file again from its source"};
    }
    std::ifstream file(path.value(), std::ios::binary);
    std::string bytes(static_cast<std::size_t>(expectedBytes), '\0');
    file.seekg(static_cast<std::streamoff>(location.offset));
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file) {
        return Error{"its external data " + location.file + " cannot be read", "",
                     "check that the file may be read"};
    }
    return bytes;
}

}  // namespace bitloupe::importers
