// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/execution/torchscript_file.h"
#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// The design's network as TorchScript, for any number format. Integers and fixed point use
/// PyTorch's fake_quantize operators; formats without one are spelled out: a value is looked up in
/// the table of the format's values between the exact borders at which the simulation changes over
/// (torch.bucketize), blocks compute their shared scale first, formats of 16 bits are cast.
[[nodiscard]] Result<execution::ScriptModule> buildTorchScript(const ResolvedDesign& design);

/// Nodes whose operator has no line in TorchScript here; empty when the network fits.
[[nodiscard]] std::vector<std::string> torchScriptObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
