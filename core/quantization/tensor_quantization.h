// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"
#include "core/numerics/rounding.h"
#include "core/quantization/input_rows.h"
#include "core/quantization/quantizer.h"

namespace bitloupe::quantization {

/// A weight tensor after its quantizer.
struct QuantizedWeights {
    Array values;  ///< Float32, same shape, every element representable
    Array codes;   ///< Int32 codes for integer formats (value = scale * (code - zeroPoint)); empty
                   ///< shape {0} otherwise
    /// One (tensor), one per output channel, or one per group: channel by channel, groups in order.
    std::vector<numerics::Scaling> scalings;
    int channelAxis = 0;
    numerics::NumberFormat format;  ///< the quantizer's; after /sweep with the es it chose
    double clippedShare = 0;        ///< of the weights that stay, 0..1: saturated by the rounding
    double sparsity = 0;            ///< share of the weights that was pruned, 0..1
    /// Stored bits a weight, places of the unpruned ones included. Multipoint with a bound on
    /// output errors: as fitted, where the quantizer only knows the most.
    double storedBits = 0;
    /// What bias correction adds to each output channel of the layer; empty without it.
    std::vector<float> outputShift;
};

/// Prunes and rounds `weights` (Float32, any shape). Signed integer formats are symmetric and
/// narrow (int8: -127..127), unsigned ones affine. A group is a run of elements of one output
/// channel. Block formats (mxfp4 ...) run along an output channel; fitted formats (codebooks,
/// multipoint) are fitted to the tensor, channel or group. Pruned weights are zero whatever the
/// format is, and do not take part in a fit. `inputs`: what reaches the layer; needed when
/// quantizer.needsInputs(). Stochastic rounding draws by the place of a weight. Errors: an element
/// that is not finite, named by its index; a method without inputs, or with inputs of another
/// layer.
[[nodiscard]] Result<QuantizedWeights> quantizeWeights(const Array& weights, int channelAxis,
                                                       const Quantizer& quantizer,
                                                       const InputRows* inputs = nullptr);

/// What calibration saw on one edge: extremes of all values, and an evenly spaced subset of them.
struct ValueStatistics {
    float minimum = 0;
    float maximum = 0;
    std::vector<float> sample;
    /// Extremes of the batches, each new one weighing 0.1 (Jacob et al., CVPR 2018, section 3.1).
    float movingMinimum = 0;
    float movingMaximum = 0;
};

/// How an activation tensor is rounded while the network runs.
struct ActivationRounding {
    numerics::NumberFormat format;
    numerics::RoundingOptions options;
    double clippedShare = 0;  ///< of the calibration sample, 0..1: saturated by the rounding

    void apply(std::span<const float> in, std::span<float> out) const {
        numerics::roundSpan(format, in, out, options);
    }
};

/// Chooses scale and zero point for an edge. Integer formats are affine: a range that does not
/// cross zero uses all codes on one side (after a ReLU the lowest code stands for 0).
[[nodiscard]] Result<ActivationRounding> chooseActivationRounding(const ValueStatistics& statistics,
                                                                  const Quantizer& quantizer);

/// Signal to quantization noise ratio in dB, 10 log10(sum x^2 / sum (x - rounded)^2); infinite when
/// nothing was rounded. Both spans have the same length.
[[nodiscard]] double sqnrDb(std::span<const float> original, std::span<const float> rounded);

}  // namespace bitloupe::quantization
