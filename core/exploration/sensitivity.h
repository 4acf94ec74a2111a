// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exploration/evaluation.h"

namespace bitloupe::exploration {

enum class Side { Weights, Activations };

/// One cell of the heatmap: what quantizing this side of this layer alone does.
struct SensitivityCell {
    std::size_t layer = 0;
    Side side = Side::Weights;
    quantization::Quantizer quantizer;
    Measurement measured;
    double sqnrDb = 0;  ///< weights: of the tensor; activations: of the calibration sample
};

}  // namespace bitloupe::exploration
