// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "core/exploration/evaluator.h"

namespace bitloupe::exploration {

/// One cell of the heatmap: what quantizing this side of this layer alone does.
struct SensitivityCell {
    std::size_t layer = 0;
    Side side = Side::Weights;
    quantization::Quantizer quantizer = {};
    Measurement measured = {};
    double sqnrDb = 0;  ///< weights: of the tensor; activations: of the calibration sample
};

/// What rounding does to one tensor of a layer by itself, before any run of the network.
struct LayerRoundingError {
    std::size_t layer = 0;
    Side side = Side::Weights;
    quantization::Quantizer quantizer = {};
    RoundingError error = {};
};

}  // namespace bitloupe::exploration
