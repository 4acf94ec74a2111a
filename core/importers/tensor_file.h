// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::importers {

/// One array from a file: NumPy's `.npy`, or an ONNX TensorProto in a `.pb` as ONNX's own tests
/// keep their inputs and outputs. Errors name the file.
[[nodiscard]] Result<Array> readTensorFile(const std::string& path);

}  // namespace bitloupe::importers
