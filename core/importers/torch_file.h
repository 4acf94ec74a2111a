// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/network/architectures/named_tensors.h"

namespace bitloupe::importers {

/// The state dict of a file that torch.save wrote, as a zip file or as the run of pickles that
/// PyTorch before 1.6 wrote. The tar files of PyTorch before 0.1.10 and TorchScript are refused.
[[nodiscard]] Result<network::NamedTensors> readTorchFile(const std::string& path);

}  // namespace bitloupe::importers
