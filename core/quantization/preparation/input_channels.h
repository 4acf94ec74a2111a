// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/network/network.h"

namespace bitloupe::quantization {

/// Which elements of a layer's weight multiply which channel of its input.
class InputChannels {
public:
    /// `channels`: of the tensor that reaches the layer; a dense layer behind a Flatten reads each
    /// of them as a run of inputs. Nothing when the layer does not read channels one by one:
    /// transposed convolutions, tensors that are no matrix, weights on the left.
    static std::optional<InputChannels> of(const network::Network& network, std::size_t layer,
                                           std::size_t channels);

    [[nodiscard]] std::size_t channels() const { return m_channels; }
    /// The input channel of an element of the weight.
    [[nodiscard]] std::size_t channelOf(std::size_t element) const;
    /// Largest magnitude by channel.
    [[nodiscard]] std::vector<double> largest(std::span<const float> weight) const;
    /// Every element times the factor of its channel.
    [[nodiscard]] std::vector<float> scaled(std::span<const float> weight,
                                            const std::vector<double>& factors) const;

private:
    std::size_t m_channels = 1;
    std::size_t m_inner = 1;           ///< elements behind the input axis
    std::size_t m_inputs = 1;          ///< size of the input axis
    std::size_t m_perChannel = 1;      ///< inputs of one channel
    std::size_t m_outputsOfGroup = 0;  ///< grouped convolution; 0: one group
    std::size_t m_outputStride = 1;
};

}  // namespace bitloupe::quantization
