// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/numerics/rounding.h"

namespace bitloupe::numerics {

/// roundSpan for a format whose values are known without data. fp32 included: a copy.
void roundScalars(const ScalarParameters& format, std::span<const float> in, std::span<float> out,
                  const RoundingOptions& options);

}  // namespace bitloupe::numerics
