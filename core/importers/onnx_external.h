// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace bitloupe::importers {

/// The bytes of a tensor that lies in a file beside its network. The file must be inside `folder`
/// (no way up, no link out of it), and hold `expectedBytes` at the tensor's offset.
[[nodiscard]] Result<std::string> readExternalData(const onnx::TensorProto& tensor,
                                                   const std::string& folder,
                                                   std::uint64_t expectedBytes);

}  // namespace bitloupe::importers
