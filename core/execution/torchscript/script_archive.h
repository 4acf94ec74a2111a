// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>

#include "core/base/result.h"

namespace bitloupe::execution::torchscript {

/// A network as LibTorch reads it, and its forward method with every call inlined.
struct Script {
    torch::jit::Module module;
    std::shared_ptr<torch::jit::Graph> graph;
    bool keepsState = false;  ///< a call writes to attributes of modules

    /// What the interpreter gives for `inputs` in a first call; throws c10::Error.
    [[nodiscard]] c10::IValue run(const std::vector<c10::IValue>& inputs) const;
};

/// Loads the archive to the processor's memory, wherever it was saved, for inference. One sentence
/// for what this LibTorch cannot read.
[[nodiscard]] Result<Script> loadScript(const std::string& path);

/// What LibTorch complains about, as one line.
[[nodiscard]] std::string complaintOf(const std::exception& error);

}  // namespace bitloupe::execution::torchscript
