// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

/// 95 % interval of a share of `hits` in `samples` (Wilson 1927); 0..1 without samples.
[[nodiscard]] Interval wilsonInterval(std::int64_t hits, std::int64_t samples);

/// 95 % interval of a coefficient of determination from `samples` (large-sample standard error,
/// Olkin and Finn 1995); the value itself where that is not defined.
[[nodiscard]] Interval determinationInterval(double determination, std::int64_t samples);

/// 95 % interval of a figure with a standard error (normal distribution), within `low` .. `high`.
[[nodiscard]] Interval normalInterval(double value, double error, double low, double high);

/// 95 % interval of a mean of `samples` values with these sums of values and of their squares.
[[nodiscard]] Interval meanInterval(double sum, double squares, std::int64_t samples);

}  // namespace bitloupe::exploration
