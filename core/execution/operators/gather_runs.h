// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace bitloupe::execution {

/// at::gather of `data` along `axis` where `indices` are the same all along one other axis, as an
/// expansion leaves them: whole runs along that axis are copied, and lie closest together in the
/// result. `indices` may count from the back; OperatorError where one is out of range. Nothing for
/// other indices and while gradients are recorded.
[[nodiscard]] std::optional<at::Tensor> gatherRuns(const at::Tensor& data, std::int64_t axis,
                                                   const at::Tensor& indices);

}  // namespace bitloupe::execution
