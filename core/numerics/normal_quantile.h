// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bitloupe::numerics {

/// The z below which the standard normal distribution has the given probability, 0 < p < 1;
/// accurate to about 1e-15 relative to the tail.
[[nodiscard]] double normalQuantile(double probability);

}  // namespace bitloupe::numerics
