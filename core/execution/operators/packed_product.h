// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <optional>

#include "core/execution/operators/packed_weights.h"

namespace bitloupe::execution {

/// A product of rows with a matrix that stays the same from call to call. A row's result depends on
/// nothing but the row.
class PackedProduct {
public:
    /// The tensors that matrix and bias follow from: while they are the same, `keeper` keeps what
    /// is made of them.
    struct Origin {
        const at::Tensor& matrix;
        const at::Tensor& bias;
        PackedWeights& keeper;
    };

    /// `matrix` is [outputs, inputs], or [inputs, outputs] when `transposed`; `bias` [outputs] or
    /// undefined. Both are float32.
    PackedProduct(const at::Tensor& matrix, bool transposed, const at::Tensor& bias,
                  const Origin& origin);

    [[nodiscard]] std::int64_t outputs() const { return m_outputs; }

    /// `rows` is [count, inputs], `output` [count, outputs], both row by row.
    void run(const float* rows, std::int64_t count, float* output) const;

    /// Whether such a product may be used: it is quicker than the library's, which packs the matrix
    /// in every call, but holds a copy.
    [[nodiscard]] static bool pays(const at::Tensor& matrix);

private:
    std::int64_t m_inputs = 0;
    std::int64_t m_outputs = 0;
    PackedWeights::Packed m_packed;
};

/// `x` [..., inputs] times `matrix` plus `bias`. Nothing for
/// other types and shapes, where it does not pay, and while gradients are recorded.
[[nodiscard]] std::optional<at::Tensor> multiplyPacked(const at::Tensor& x,
                                                       const at::Tensor& matrix, bool transposed,
                                                       const at::Tensor& bias,
                                                       PackedWeights& keeper);

}  // namespace bitloupe::execution
