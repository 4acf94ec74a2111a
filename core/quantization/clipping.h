// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace bitloupe::quantization {

/// The value that `share` (0..1) of `values` do not exceed. `values` must not be empty.
[[nodiscard]] float quantile(std::span<const float> values, double share);

/// The magnitude beyond which values are clipped so that the clipped and rounded distribution of
/// |values| is nearest to the true one in KL divergence, with `levels` steps above zero; the
/// calibration of 8-bit inference (Migacz, GTC 2017), on 2,048 bins. 0 when all values are 0.
[[nodiscard]] double entropyThreshold(std::span<const float> values, int levels);

}  // namespace bitloupe::quantization
