// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/exporters/exporter.h"

namespace bitloupe::testing {

/// A convolution (1 -> 4 channels, 3x3), ReLU, and a dense layer (144 -> 5) on 8x8 images, with
/// weights from a fixed generator.
[[nodiscard]] network::Network smallNetwork();

/// `count` images of 64 values between 0 and 1.
[[nodiscard]] std::vector<float> smallImages(int count);

/// The design that gives both layers these quantizers, with ranges that fit the images.
[[nodiscard]] exporters::ResolvedDesign smallDesign(const network::Network& network,
                                                    const std::string& weights,
                                                    const std::string& activations);

/// One dense layer of about `parameters` weights.
[[nodiscard]] network::Network wideNetwork(std::int64_t parameters);

/// Its weights in int8, one scale for all, chosen without a search: for tests of size and speed.
[[nodiscard]] exporters::ResolvedDesign coarseDesign(const network::Network& network);

/// What the quantized network computes, written out in plain loops in double precision: five
/// outputs an image.
[[nodiscard]] std::vector<double> simulate(const exporters::ResolvedDesign& design,
                                           const std::vector<float>& images);

}  // namespace bitloupe::testing
