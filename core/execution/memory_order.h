// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

// The order of a tensor's values in memory travels with the tensor, in its strides. Convolutions
// leave their channels last, transpositions and expansions move nothing, and most operators take
// what comes; the others get their inputs row by row.

/// Whether the kernel of `node` reads its inputs in any order without loss.
[[nodiscard]] bool readsAnyOrder(const network::Node& node);

/// Whether the values are dense in memory but not row by row, or some stand for many.
[[nodiscard]] bool isReordered(const at::Tensor& tensor);

/// The tensor, or a copy row by row of a reordered one.
[[nodiscard]] at::Tensor inOrder(const at::Tensor& tensor);
[[nodiscard]] Tensors inOrder(std::span<const at::Tensor> tensors);

/// Whether nobody but the kernel that was given `tensor` can see its memory: the result may be
/// written over it. Never while gradients are recorded.
[[nodiscard]] bool mayOverwrite(const at::Tensor& tensor);

}  // namespace bitloupe::execution
