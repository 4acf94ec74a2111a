// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/array.h"

namespace bitloupe::network {

/// Tensors by name, in the order in which their file has them.
using NamedTensors = std::vector<std::pair<std::string, Array>>;

}  // namespace bitloupe::network
