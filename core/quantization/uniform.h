// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/array.h"
#include "core/numerics/number_format.h"
#include "core/quantization/tensor_quantization.h"

/// Schemes seen as integers under a scale, which is all that QuantizeLinear, Quant and ap_fixed can
/// say: integer formats, fixed point (its step is part of the scale) and ternary weights.
namespace bitloupe::quantization {

/// The integers of one format: value = scale * step * (code - zero point).
struct UniformFormat {
    int bits = 8;
    bool isSigned = true;
    bool narrow = false;  ///< the most negative code is not used
    numerics::FixedRounding rounding = numerics::FixedRounding::NearestEven;
    numerics::FixedOverflow overflow = numerics::FixedOverflow::Saturate;
    double step = 1;

    [[nodiscard]] std::int64_t lowest() const;
    [[nodiscard]] std::int64_t highest() const;
    /// "int6", "uint8": the name of the plain integers of this width and sign.
    [[nodiscard]] std::string integerName() const;
};

/// Nothing for formats whose values are not evenly spaced multiples of one number.
[[nodiscard]] std::optional<UniformFormat> uniformFormat(const numerics::NumberFormat& format);

/// A weight tensor as integers.
struct UniformWeights {
    UniformFormat format;
    Array codes;                           ///< Int32, shape of the weights
    std::vector<float> scales;             ///< step included; one, one a channel, or one a group
    std::vector<std::int64_t> zeroPoints;  ///< as many
    std::size_t channels = 1;
    std::size_t groupsPerChannel = 1;  ///< above 1 only with group scales
    int channelAxis = 0;

    [[nodiscard]] bool perTensor() const { return scales.size() == 1; }
    [[nodiscard]] bool grouped() const { return groupsPerChannel > 1; }
    [[nodiscard]] bool symmetric() const;  ///< every zero point is 0
};
/// Nothing when the format is not uniform.
[[nodiscard]] std::optional<UniformWeights> uniformWeights(const Quantizer& quantizer,
                                                           const QuantizedWeights& weights);

/// How the input of a layer is rounded, as integers.
struct UniformActivation {
    UniformFormat format;
    float scale = 1;  ///< step included
    std::int64_t zeroPoint = 0;
};
[[nodiscard]] std::optional<UniformActivation> uniformActivation(
    const ActivationRounding& rounding);

/// For every element of the weights, in stored order, the index of the scale it is under. A channel
/// is an index of `channelAxis`; groups are runs of `groupSize` elements of one channel.
[[nodiscard]] std::vector<std::uint32_t> scaleIndices(const Quantizer& quantizer,
                                                      const QuantizedWeights& weights);

}  // namespace bitloupe::quantization
