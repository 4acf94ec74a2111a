// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

/// Whether an operator does something else while a network is trained from nothing.
[[nodiscard]] bool behavesOtherwiseInTraining(const network::Node& node);

/// Whether an operator bends each element of its first input on its own, as Relu and Tanh do.
[[nodiscard]] bool isActivationFunction(const network::Node& node);

/// The first output in training of a node that behavesOtherwiseInTraining(). Batch normalization
/// uses the statistics of the batch and moves the running ones (its inputs 3 and 4, in place) a
/// tenth of the way; Dropout zeroes elements by a generator with this seed and scales the others.
[[nodiscard]] at::Tensor runAsInTraining(const network::Node& node,
                                         std::span<const at::Tensor> inputs, std::uint64_t seed);

}  // namespace bitloupe::execution
