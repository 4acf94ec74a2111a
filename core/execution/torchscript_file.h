// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::execution {

/// A module in TorchScript's language: its methods as source text, its tensors by name (`self.NAME`
/// in the source).
struct ScriptModule {
    std::string source;
    std::map<std::string, Array> tensors;
};

/// The module as the bytes of a file that torch::jit::load and torch.jit.load read. Errors: source
/// that does not compile, with LibTorch's reason.
[[nodiscard]] Result<std::string> torchScriptBytes(const ScriptModule& module);

/// Loads a TorchScript file in LibTorch and lets its interpreter run forward() on the inputs, in
/// order; an array without dimensions is the number that forward() asks for. The result is every
/// tensor it gives, those in tuples and lists too. Errors: a file that LibTorch cannot read or run.
[[nodiscard]] Result<std::vector<Array>> runTorchScript(const std::string& path,
                                                        const std::vector<Array>& inputs);

}  // namespace bitloupe::execution
