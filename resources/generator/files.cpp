// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/files.h"

#include <zlib.h>

#include <stdexcept>

namespace bitloupe::generator {

void writeGzip(const std::string& path, std::string_view content) {
    const gzFile file = gzopen(path.c_str(), "wb9");
    const bool written =
        file != nullptr && gzwrite(file, content.data(), static_cast<unsigned>(content.size())) ==
                               static_cast<int>(content.size());
    if (gzclose(file) != Z_OK || !written) {
        throw std::runtime_error("cannot write " + path);
    }
}

std::string idxBytes(const std::vector<std::uint32_t>& shape,
                     const std::vector<std::uint8_t>& values) {
    std::string bytes = {'\0', '\0', '\x08', static_cast<char>(shape.size())};
    for (const std::uint32_t dimension : shape) {
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            bytes += static_cast<char>(dimension >> shift & 0xffU);
        }
    }
    return bytes.append(values.begin(), values.end());
}

}  // namespace bitloupe::generator
