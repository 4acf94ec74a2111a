// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <vector>

#include "core/base/array.h"
#include "core/execution/torchscript/script_archive.h"

namespace bitloupe::execution::torchscript {

/// Shapes that an input may have, the likeliest first; the first dimension is the batch, of 2.
struct InputCandidates {
    std::vector<Shape> shapes;
    std::int64_t words = 0;  ///< not 0: whole numbers below this one, places in a table
};

/// Looks for the weights that the input meets first: a convolution tells the channels, a dense
/// layer the features, a table that the input is whole numbers.
[[nodiscard]] InputCandidates candidatesFor(const Script& script, const torch::jit::Value* input);

/// Whole numbers that the script compares an input with, in its order.
[[nodiscard]] std::vector<std::int64_t> numbersFor(const torch::jit::Value* input);

}  // namespace bitloupe::execution::torchscript
