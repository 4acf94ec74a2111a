// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/export_size.h"

#include <filesystem>

namespace bitloupe::exporters {

std::uint64_t sizeOnDisk(const std::string& path) {
    std::error_code code;
    if (std::filesystem::is_regular_file(path, code)) {
        return std::filesystem::file_size(path, code);
    }
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, code)) {
        bytes += entry.is_regular_file(code) ? entry.file_size(code) : 0;
    }
    return bytes;
}

std::uint64_t floatBytes(const network::Network& network) {
    std::uint64_t bytes = 0;
    for (const auto& [name, array] : network.graph->initializers) {
        bytes += array.bytes().size();
    }
    return bytes;
}

}  // namespace bitloupe::exporters
