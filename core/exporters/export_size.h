// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/network/network.h"

namespace bitloupe::exporters {

/// Bytes of a file, or of all files of a folder; 0 when there is none.
[[nodiscard]] std::uint64_t sizeOnDisk(const std::string& path);
/// Bytes of the network's stored tensors: what the float network takes.
[[nodiscard]] std::uint64_t floatBytes(const network::Network& network);

}  // namespace bitloupe::exporters
