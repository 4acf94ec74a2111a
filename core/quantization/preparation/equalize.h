// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/network/network.h"

namespace bitloupe::quantization {

/// Cross-layer equalization (Nagel et al., ICCV 2019, arXiv 1906.04721, section 4.1): where one
/// layer alone feeds the next, with nothing between that a positive factor does not pass through
/// (ReLU, poolings, reshapes), each channel is divided in the first and multiplied in the second by
/// s = sqrt(r1 r2) / r2, r being the largest magnitudes of its weights, until nothing moves. The
/// network computes what it did but for rounding to float32. Weights that several nodes read, and
/// channels that are all zero on a side, stay.
[[nodiscard]] network::Graph equalized(const network::Network& network);

/// How many pairs of layers equalized() works on.
[[nodiscard]] std::size_t equalizablePairs(const network::Network& network);

}  // namespace bitloupe::quantization
