// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/numerics/format_parameters.h"
#include "core/numerics/kernels/kernels.h"
#include "core/numerics/rounding.h"

/// What the kernels need to know of a format.
namespace bitloupe::numerics {

[[nodiscard]] kernels::FloatPlan floatPlan(const FloatParameters& format, float scale,
                                           RoundingMode mode);
[[nodiscard]] kernels::FloatPlan floatPlan(const PowerOfTwoParameters& format, float scale,
                                           RoundingMode mode);
[[nodiscard]] kernels::GridPlan gridPlan(const IntegerParameters& format,
                                         const RoundingOptions& options);
[[nodiscard]] kernels::GridPlan gridPlan(const FixedParameters& format,
                                         const RoundingOptions& options);
[[nodiscard]] kernels::GridPlan gridPlan(const BinaryParameters& format,
                                         const RoundingOptions& options);
[[nodiscard]] kernels::GridPlan gridPlan(const TernaryParameters& format,
                                         const RoundingOptions& options);
[[nodiscard]] kernels::GridPlan gridPlan(const MidRiseParameters& format,
                                         const RoundingOptions& options);

}  // namespace bitloupe::numerics
