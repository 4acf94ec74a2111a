// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace bitloupe::execution::kernels {

/// `sums[i]` of each column of `rows` [count, width], row-major float32. The rows are added in one
/// fixed order, in parts of a few so that the error does not grow with their number: a column's
/// sum does not depend on the other columns.
void sumColumns(const float* rows, std::size_t count, std::size_t width, float* sums);

}  // namespace bitloupe::execution::kernels
