// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::execution {

/// Whether the file is an archive of TorchScript: a zip file that holds code. State dicts are zip
/// files without.
[[nodiscard]] bool isTorchScript(const std::string& path);

/// Reads a scripted or traced network, wherever it was saved, and translates what its forward
/// method does into ONNX operators; layers are named after the modules. Dimensions that the network
/// lets change are free. `inputShapes` (by input name, or "" for the only input) is needed where
/// the weights do not tell what the network takes.
///
/// The graph is run on one sample and compared with LibTorch's own interpreter before it is given
/// back. Errors name the file, the line of the script, and the operator that has no translation.
[[nodiscard]] Result<network::Graph> importTorchScript(
    const std::string& path, const std::map<std::string, Shape>& inputShapes = {});

}  // namespace bitloupe::execution
