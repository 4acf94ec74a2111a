// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/quantization/channel_rows.h"
#include "core/quantization/tensor_quantization.h"

namespace bitloupe::quantization {

/// The rounding of one layer's weights with scales that somebody else (training) chooses.
class WeightScales {
public:
    /// `before`: the same weights as the quantizer alone rounds them; its zero points stay.
    WeightScales(const Shape& shape, const Quantizer& quantizer, const QuantizedWeights& before);

    /// The scales that the quantizer chose; none when its format takes none.
    [[nodiscard]] std::vector<float> initial() const;
    /// Which scale each element of the tensor uses, in the tensor's order.
    [[nodiscard]] std::vector<std::int64_t> scaleOf() const;
    /// `weights` (in the tensor's order) pruned and rounded to nearest with `scales`, as many as
    /// initial(). `done`: share of the training that is behind; the pruned share rises over its
    /// first half as 1 - (1 - t)^3 (Zhu and Gupta, "To prune, or not to prune", 2017), the mask
    /// follows the weights.
    void round(std::span<const float> weights, std::span<const float> scales, double done,
               std::span<float> rounded) const;
    /// The same after training, with codes.
    [[nodiscard]] QuantizedWeights quantized(const Array& weights,
                                             std::span<const float> scales) const;

private:
    [[nodiscard]] numerics::RoundingOptions options(std::size_t run,
                                                    std::span<const float> scales) const;

    Shape m_shape;
    Quantizer m_quantizer;
    numerics::NumberFormat m_format;  ///< the quantizer's, or the one it chose
    int m_channelAxis;
    ChannelRows m_rows;
    std::vector<numerics::Scaling> m_scalings;  ///< one a run, or one for all
    std::vector<std::size_t> m_ends;            ///< of the runs, ascending
};

}  // namespace bitloupe::quantization
