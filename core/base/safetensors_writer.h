// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/array.h"

namespace bitloupe {

/// The bytes of a safetensors file that holds `tensors`, with `metadata` under `__metadata__`.
[[nodiscard]] std::string safetensorsBytes(const std::map<std::string, Array>& tensors,
                                           const std::map<std::string, std::string>& metadata = {});

}  // namespace bitloupe
