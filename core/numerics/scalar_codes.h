// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/numerics/format_parameters.h"

/// Codes of scalar formats; see NumberFormat::encode.
namespace bitloupe::numerics {

[[nodiscard]] float decodeScalar(const ScalarParameters& format, std::uint32_t code);

/// The code of x rounded to nearest.
[[nodiscard]] std::uint32_t encodeScalar(const ScalarParameters& format, float x);

/// The code of a value that is representable already (or NaN, or an infinity the format has).
[[nodiscard]] std::uint32_t encodeExact(const ScalarParameters& format, float value);

/// Ascending, zero once; `narrow` leaves out the smallest value of a two's complement format.
[[nodiscard]] std::vector<float> finiteValues(const ScalarParameters& format, bool narrow);

}  // namespace bitloupe::numerics
