// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// What a recurrent cell does with its sums, in one pass: sigmoids for gates, hyperbolic tangents
/// elsewhere (errors below 5 units in the last place; NaN stays NaN). Row-major float32; a value
/// depends on its own place only. `projected` is what the input adds, `recurred` what the state
/// adds, both with their biases. ONNX's order of gates. No argument overlaps another.
namespace bitloupe::execution::kernels {

/// RNN: `projected`, `recurred`, `next` are [rows, size].
void stepRnn(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             float* next);

/// GRU with the reset gate behind the product: gates z, r, h. `projected` and `recurred` are
/// [rows, 3 * size], `hidden` and `next` [rows, size].
void stepGru(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
             const float* hidden, float* next);

/// LSTM: gates i, o, f, c. `projected` and `recurred` are [rows, 4 * size], the others
/// [rows, size].
void stepLstm(std::size_t rows, std::size_t size, const float* projected, const float* recurred,
              const float* memory, float* nextMemory, float* nextHidden);

}  // namespace bitloupe::execution::kernels
