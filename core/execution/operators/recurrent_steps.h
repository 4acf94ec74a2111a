// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "core/execution/operators/packed_product.h"

namespace bitloupe::execution {

/// The cells whose every step is one product and one pass over its sums: the usual activations,
/// no limit, no peepholes; of GRU the one whose reset gate comes behind the product.
enum class PlainCell { Rnn, Gru, Lstm };

/// A cell's state; `memory` is that of LSTM.
struct RecurrentState {
    at::Tensor hidden;
    at::Tensor memory;
};

/// Runs such a cell over the steps of `x` [time, batch, features] (dense float32), the last one
/// first if `backward`: the hidden states [time, batch, size]. `state` ([batch, size], dense) is
/// that before the first step, and becomes that after the last. Records no gradients.
[[nodiscard]] at::Tensor runPlainCell(PlainCell cell, const PackedProduct& input,
                                      const PackedProduct& recurrence, const at::Tensor& x,
                                      bool backward, RecurrentState& state);

}  // namespace bitloupe::execution
