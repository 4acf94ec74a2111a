// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "core/execution/training/trainer.h"

namespace bitloupe::execution {

/// Sum of the loss over the rows of `outputs`, differentiable. A row is the last axis: a sample has
/// one row or, in a sequence, one a token. `wanted`: Int64 classes or Float32 targets, one a row.
[[nodiscard]] at::Tensor lossSum(const at::Tensor& outputs, const at::Tensor& wanted, LossKind loss,
                                 OutputForm form);

/// Rows that count: a class below zero (padding) does not.
[[nodiscard]] std::int64_t scoredRows(const at::Tensor& wanted, LossKind loss);

/// What the metric is made of, summed over rows.
struct Score {
    double loss = 0;
    double good = 0;  ///< rows whose largest output is the label; or squared error
    std::int64_t rows = 0;
};
[[nodiscard]] Score scoreOf(const at::Tensor& outputs, const at::Tensor& wanted, LossKind loss,
                            OutputForm form);

}  // namespace bitloupe::execution
