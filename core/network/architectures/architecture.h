// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/network/architectures/named_tensors.h"
#include "core/network/graph.h"

namespace bitloupe::network {

/// `NAME=value` behind an architecture's name.
using ArchitectureParameters = std::map<std::string, std::string>;

/// The whole number behind a parameter, or `otherwise` when it is not given. Refuses what is not a
/// number from `least` to `most`.
[[nodiscard]] Result<std::int64_t> parameterOr(const ArchitectureParameters& parameters,
                                               const std::string& name, std::int64_t otherwise,
                                               std::int64_t least, std::int64_t most);

/// A network whose shape the program knows and whose weights come from a file.
struct Architecture {
    std::string name;                     ///< "lenet5"
    std::string summary;                  ///< one line for people
    std::vector<std::string> parameters;  ///< the names that ArchitectureParameters may have
};

/// The built-in architectures, by name.
[[nodiscard]] const std::vector<Architecture>& architectures();

/// Builds `name` from the tensors of a state dict, every one of which must be used. Without tensors
/// (nullptr) the weights are drawn as PyTorch draws them, from a fixed seed: an untrained network.
///
/// Errors name the tensor with the shape that is there and the shape that is needed.
[[nodiscard]] Result<Graph> buildArchitecture(const std::string& name,
                                              const ArchitectureParameters& parameters,
                                              const NamedTensors* tensors);

}  // namespace bitloupe::network
