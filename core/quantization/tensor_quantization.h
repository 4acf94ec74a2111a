// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/numerics/rounding.h"
#include "core/quantization/quantizer.h"

namespace bitloupe::quantization {

/// A weight tensor after its quantizer.
struct QuantizedWeights {
    Array values;  ///< Float32, same shape, every element representable
    Array codes;   ///< Int32 codes for integer formats (value = scale * (code - zeroPoint)); empty
                   ///< shape {0} otherwise
    std::vector<numerics::Scaling> scalings;  ///< one (tensor) or one per output channel
    int channelAxis = 0;
};

/// Rounds `weights` (Float32, any shape). Integer formats are symmetric and narrow (int8:
/// -127..127). Errors: an element that is not finite, named by its index.
[[nodiscard]] Result<QuantizedWeights> quantizeWeights(const Array& weights, int channelAxis,
                                                       const Quantizer& quantizer);

/// What calibration saw on one edge: extremes of all values, and an evenly spaced subset of them.
struct ValueStatistics {
    float minimum = 0;
    float maximum = 0;
    std::vector<float> sample;
};

/// How an activation tensor is rounded while the network runs.
struct ActivationRounding {
    numerics::NumberFormat format;
    numerics::RoundingOptions options;

    void apply(std::span<const float> in, std::span<float> out) const {
        numerics::roundSpan(format, in, out, options);
    }
};

/// Chooses scale and zero point for an edge. Integer formats are affine: a range that does not
/// cross zero uses all codes on one side (after a ReLU the lowest code stands for 0).
[[nodiscard]] Result<ActivationRounding> chooseActivationRounding(const ValueStatistics& statistics,
                                                                  const Quantizer& quantizer);

}  // namespace bitloupe::quantization
