// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/quantization/input_rows.h"

namespace bitloupe::quantization {

/// Empirical bias correction (Nagel et al., ICCV 2019, arXiv 1906.04721, section 4.2): for every
/// output channel, E[w x] with the original weights and inputs minus E[w' x'] with the rounded ones
/// over `inputs`: what has to be added to the layer's output. Both weights have output channels as
/// rows. std::logic_error unless the sizes fit.
[[nodiscard]] std::vector<float> outputShift(std::span<const float> original,
                                             std::span<const float> rounded,
                                             const InputRows& inputs);

}  // namespace bitloupe::quantization
