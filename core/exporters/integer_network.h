// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"

/// A design as a chain of integer operations, for targets without floating point.
///
/// A layer adds (input code - zero point) * (weight code - zero point) in 32 bits, shifts the sum
/// left by `fractionBits`, adds its bias in that unit, and passes the result through ReLU and
/// pooling. Then a multiplier and a shift a channel bring it to the next layer's codes, in
/// gemmlowp's convention: multiplier in [2^30, 2^31) read as a fraction of 2^31
/// (SaturatingRoundingDoublingHighMul), then a rounding shift right (negative: left, before).
/// Jacob et al., "Quantization and Training of Neural Networks for Efficient
/// Integer-Arithmetic-Only Inference", 2018 (arXiv 1712.05877). The fraction bits, as many as 32
/// bits allow, keep what a bias rounded to whole sums would lose.
namespace bitloupe::exporters {

/// Codes, their scale, and the range they are kept in.
struct CodeScale {
    float scale = 1;
    std::int64_t zeroPoint = 0;
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
};

/// One value a channel, or one for all.
struct Requantization {
    std::vector<std::int32_t> multipliers;
    std::vector<int> shifts;
    CodeScale output;
};

struct IntegerLayer {
    std::string name;
    CodeScale input;
    Shape weightShape;                  ///< outputs first
    std::vector<std::int32_t> weights;  ///< codes
    int weightBits = 8;
    bool weightsSigned = true;
    std::vector<float> weightScales;  ///< one, or one an output
    std::vector<std::int64_t> weightZeroPoints;
    int fractionBits = 0;
    std::vector<std::int32_t> bias;  ///< one an output, in 2^-fractionBits of a sum
    Requantization requantization;
};

/// One line of the program: "conv c1 strides 1 1 pads 2 2 2 2 dilations 1 1 group 1".
struct IntegerStep {
    std::string operation;  ///< quantize, conv, dense, relu, max_pool, average_pool, flatten,
                            ///< requantize
    std::string layer;      ///< for quantize, conv, dense and requantize
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> settings;
};

struct IntegerNetwork {
    Shape input;  ///< of one sample, without the sample's dimension
    std::vector<IntegerStep> steps;
    std::vector<IntegerLayer> layers;
};

/// Why a design cannot become one: a side in float, a format that is not integers, an operator
/// between the layers that is not ReLU, pooling or a change of shape, a branch.
[[nodiscard]] std::vector<std::string> integerNetworkObstacles(const Schemes& schemes);

/// Errors: an obstacle, or sums that do not fit 32 bits, with the layer's name.
[[nodiscard]] Result<IntegerNetwork> buildIntegerNetwork(const ResolvedDesign& design);

}  // namespace bitloupe::exporters
