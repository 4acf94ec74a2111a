// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/network/network.h"

namespace bitloupe::quantization {

/// SmoothQuant (Xiao et al., ICML 2023, arXiv 2211.10438): every channel j of a layer's input is
/// divided, and its weights multiplied, by s_j = max|x_j|^alpha / max|w_j|^(1 - alpha). Layers that
/// read one edge share their factors. The division goes into the scale and bias of the
/// LayerNormalization that makes the edge, if these layers alone read it; elsewhere a Mul is put in
/// front of them. The network computes what it did but for rounding to float32. `inputMaxima`:
/// largest magnitudes by layer and input channel (the last dimension of a product's input, the
/// second of a convolution's); layers with an empty entry stay.
[[nodiscard]] network::Graph smoothed(const network::Network& network,
                                      const std::vector<std::vector<float>>& inputMaxima,
                                      double alpha);

}  // namespace bitloupe::quantization
