// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace bitloupe {

/// The whole of a file. Errors: it cannot be opened, it is a folder, it is larger than `maxBytes`.
[[nodiscard]] Result<std::string> readFile(const std::string& path,
                                           std::uint64_t maxBytes = std::uint64_t{1} << 32U);

/// Writes a file as a whole or not at all: into a neighbour first, synced, then renamed over
/// `path`. Missing parent folders are made.
[[nodiscard]] Result<void> writeFileAtomically(const std::string& path, std::string_view content);

}  // namespace bitloupe
