// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/network/architectures/named_tensors.h"

namespace bitloupe::importers {

/// Reads a safetensors file: eight bytes with the length of a JSON header, the header, the
/// elements. Refuses headers past the end of the file, tensors outside it or over each other, names
/// given twice, and sizes that do not fit the shape.
[[nodiscard]] Result<network::NamedTensors> readSafetensors(const std::string& path);

}  // namespace bitloupe::importers
