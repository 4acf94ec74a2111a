// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/execution/torchscript/script_archive.h"
#include "core/execution/torchscript/script_value.h"
#include "core/network/graph.h"

namespace bitloupe::execution::torchscript {

/// One input of a script: two samples of it that the interpreter takes, and the shape that they
/// show, with those dimensions free that may change.
struct SampleInput {
    std::string name;
    OnSamples on;
    std::vector<network::Dimension> shape;
    bool constant = false;  ///< is no tensor, and keeps its default or what the script allows
};

/// An archive does not say what its network takes. Shapes that nobody gives (`given`, by name, or
/// "" for the only input) follow from the weights that first meet an input, and from what the
/// interpreter takes without complaint; a whole number without a default is the first one of those
/// that the script compares it with. Error: another input that is no tensor, or nothing that the
/// network takes.
[[nodiscard]] Result<std::vector<SampleInput>> findSampleInputs(
    const Script& script, const std::map<std::string, Shape>& given);

}  // namespace bitloupe::execution::torchscript
