// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/array.h"

namespace bitloupe::testing {

/// The arrays of numbers of a NumPy `.npz` file by name (without `.npy`). Fails the running test
/// and returns nothing when the file cannot be read.
[[nodiscard]] std::map<std::string, Array> readNpz(const std::string& path);

}  // namespace bitloupe::testing
