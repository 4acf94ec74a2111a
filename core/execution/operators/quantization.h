// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/execution/operator_table.h"

namespace bitloupe::execution {

/// Which elements share a scale: all, those of one place along `axis`, or runs of `block` along it.
struct QuantizationGrain {
    std::int64_t axis = 1;
    std::int64_t block = 0;

    static QuantizationGrain read(const Attributes& attributes);
    /// Scales or zero points in a shape that broadcasts against `x`.
    [[nodiscard]] at::Tensor spread(const at::Tensor& parameter, const at::Tensor& x) const;
};

/// (x - zeroPoint) * scale in the type of the scale; `zeroPoint` may be undefined.
[[nodiscard]] at::Tensor dequantized(const at::Tensor& x, const at::Tensor& scale,
                                     const at::Tensor& zeroPoint,
                                     const QuantizationGrain& grain = {});

/// round(codes) + zeroPoint, within the range of the zero point's type (8 or 16 bits). `codes` are
/// real values in units of the result's scale, in float32 as ONNX Runtime has them: ties round
/// alike.
[[nodiscard]] at::Tensor requantized(const at::Tensor& codes, const at::Tensor& zeroPoint);

}  // namespace bitloupe::execution
