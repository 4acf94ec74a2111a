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

/// round(real / scale) + zeroPoint, within the range of the zero point's type (8 or 16 bits).
[[nodiscard]] at::Tensor requantized(const at::Tensor& real, const at::Tensor& scale,
                                     const at::Tensor& zeroPoint,
                                     const QuantizationGrain& grain = {});

}  // namespace bitloupe::execution
