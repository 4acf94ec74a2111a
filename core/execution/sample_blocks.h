// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/execution/program.h"

namespace bitloupe::execution {

/// Whether every sample of a node's output follows from the same samples of its inputs alone, where
/// samples are the first of four dimensions and what is stored is the same for all of them.
[[nodiscard]] bool worksSampleBySample(const network::Node& node, std::int64_t opset);

/// Runs steps from `first` on for a few samples at a time, one chain after the other: what a step
/// makes is still in the processor's cache when the next one reads it. `values` (by edge) gets what
/// later steps read. The step behind the last one that ran; `first` where the steps or the values
/// leave nothing to gain. Records no gradients.
[[nodiscard]] Result<std::size_t> runInBlocks(const Program& program, std::size_t first,
                                              Tensors& values);

}  // namespace bitloupe::execution
