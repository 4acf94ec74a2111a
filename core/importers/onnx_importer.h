// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::importers {

/// Reads an ONNX file. Constant nodes become initializers, nodes are put in order, the domains
/// under which QONNX files keep their operators become one. Errors name the file and the node or
/// tensor.
[[nodiscard]] Result<network::Graph> importOnnx(const std::string& path);

/// The same from memory; external data is looked for in `folder`.
[[nodiscard]] Result<network::Graph> importOnnxBytes(std::span<const std::byte> bytes,
                                                     const std::string& folder);

}  // namespace bitloupe::importers
