// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/network/architectures/named_tensors.h"

namespace bitloupe::importers {

/// Reads the tensors of a weights file: a state dict of PyTorch (.pth, .pt, .th; the zip form and
/// the one before it) or .safetensors. What training wraps around a state dict is taken off: the
/// dictionary of a checkpoint ("state_dict", "model" ...) and the prefix of a wrapper ("module.").
/// Errors name the file; NaN and infinite weights are refused with their tensor.
[[nodiscard]] Result<network::NamedTensors> readWeights(const std::string& path);

}  // namespace bitloupe::importers
