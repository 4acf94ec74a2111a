// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "core/base/array.h"

namespace bitloupe::execution {

/// The ATen type that holds `type`. ATen has no uint16, uint32 and uint64: they are widened to the
/// next signed type (uint64 to int64, values above 2^63 wrap).
[[nodiscard]] at::ScalarType scalarTypeOf(ElementType type);

/// A tensor over the array's own memory (copied only where the type must be widened). The tensor
/// must not outlive the array's elements and must not be written.
[[nodiscard]] at::Tensor borrowTensor(const Array& array);

/// `count` entries of the first dimension from `first` on, over the array's own memory.
[[nodiscard]] at::Tensor borrowRows(const Array& array, std::int64_t first, std::int64_t count);

/// A copy of the tensor's values as a row-major array; half types become Float32. What ATen widened
/// becomes unsigned again when `wanted` is the unsigned type that it stands for.
[[nodiscard]] Array toArray(const at::Tensor& tensor, ElementType wanted = ElementType::Float32);

}  // namespace bitloupe::execution
