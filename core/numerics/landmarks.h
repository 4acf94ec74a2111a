// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/numerics/format_parameters.h"

namespace bitloupe::numerics {

/// The landmarks Codebook::fit describes, not yet sorted or freed of repetitions.
[[nodiscard]] std::vector<float> landmarks(const CodebookParameters& parameters,
                                           std::span<const float> data);

}  // namespace bitloupe::numerics
