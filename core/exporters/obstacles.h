// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/exploration/design.h"
#include "core/network/network.h"

/// Why a design does not fit a form of export: sentences that start with the layer's name.
namespace bitloupe::exporters {

/// A design as far as the choice of an export goes: nothing of it was rounded yet.
struct Schemes {
    const network::Network& network;
    const exploration::Assignment& assignment;
};

/// What keeps one quantizer of one layer from fitting, without the layer's name; "" if nothing.
using QuantizerObstacle = std::function<std::string(
    const network::Layer& layer, const quantization::Quantizer& quantizer, exploration::Side side)>;

/// One sentence for each side of each layer that does not fit, after those about weights that are
/// shared and rounded differently. fp32 is not asked about.
[[nodiscard]] std::vector<std::string> quantizerObstacles(const Schemes& schemes,
                                                          const QuantizerObstacle& obstacle);

/// Why a quantizer is not integers of at most `mostBits` bits (fixed point and ternary count) that
/// are rounded to the nearest and saturate, with one scale per tensor or channel; "" if it is.
/// `carrier` is what has to hold it.
[[nodiscard]] std::string integerObstacle(const quantization::Quantizer& quantizer,
                                          exploration::Side side, const std::string& carrier,
                                          int mostBits);

/// Layers of a form that needs every weight and every input quantized, and are not.
[[nodiscard]] std::vector<std::string> floatSideObstacles(const Schemes& schemes,
                                                          const std::string& carrier);

}  // namespace bitloupe::exporters
