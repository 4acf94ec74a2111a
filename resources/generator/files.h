// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bitloupe::generator {

/// Writes `content` gzipped, without a time stamp, so that the same content is the same file.
void writeGzip(const std::string& path, std::string_view content);

/// An IDX file of bytes.
[[nodiscard]] std::string idxBytes(const std::vector<std::uint32_t>& shape,
                                   const std::vector<std::uint8_t>& values);

}  // namespace bitloupe::generator
