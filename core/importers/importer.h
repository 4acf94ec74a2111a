// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::importers {

/// What names a network on the command line and in a study.
struct NetworkSource {
    std::string model;        ///< a file, or `architecture:NAME[,parameter=value...]`
    std::string weightsFile;  ///< for an architecture: .pth, .pt or .safetensors
};

/// Inference: the network is simplified (network/simplify.h): batch normalizations are folded into
/// the layers before them, and the layers say so. Training: it stays as it was written.
enum class Purpose { Inference, Training };

/// Reads a network for its purpose. Without a weights file an architecture is
/// untrained: its weights are drawn from a fixed seed. Every error names the file and the place in
/// it; nothing in a file is executed.
[[nodiscard]] Result<std::shared_ptr<const network::Graph>> importNetwork(
    const NetworkSource& source, Purpose purpose = Purpose::Inference);

}  // namespace bitloupe::importers
