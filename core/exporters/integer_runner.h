// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/exporters/integer_network.h"

namespace bitloupe::exporters {

/// gemmlowp's fixed-point product: (a * b * 2 + 2^31 rounded) / 2^32, saturating for -2^31 squared.
[[nodiscard]] std::int32_t roundingDoublingHighMul(std::int32_t a, std::int32_t b);
/// gemmlowp's division by 2^shift, to nearest, halves away from zero.
[[nodiscard]] std::int32_t roundingShiftRight(std::int32_t value, int shift);

/// Runs an integer network on samples [count, ...] of Float32, which are rounded to the first
/// layer's codes; from there on in integers alone. The result is Int32 [count, outputs] in units of
/// the last layer's output scale. `progress` (may be empty) gets the done share and stops the run
/// by returning false (the result then has fewer rows). Errors: steps that do not fit each other,
/// named.
[[nodiscard]] Result<Array> runIntegerNetwork(const IntegerNetwork& network, const Array& samples,
                                              const std::function<bool(double)>& progress = {});

}  // namespace bitloupe::exporters
