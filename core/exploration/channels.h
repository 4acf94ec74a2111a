// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/exploration/design.h"
#include "core/network/network.h"

namespace bitloupe::exploration {

/// Some neighbouring channels of one side of a layer: output channels of its weights, or input
/// channels of its activations.
struct ChannelGroup {
    std::size_t layer = 0;
    Side side = Side::Weights;
    std::int64_t first = 0;  ///< from 0
    std::int64_t count = 1;
    friend bool operator==(const ChannelGroup&, const ChannelGroup&) = default;
};

/// A group of channels in one format. The rest of the layer and of the network is float; the scales
/// are those that the whole tensor has in this format.
struct ChannelProbe {
    ChannelGroup channels = {};
    quantization::Quantizer quantizer = {};
    friend bool operator==(const ChannelProbe&, const ChannelProbe&) = default;
};

/// How the channels of a tensor lie in memory: element i belongs to channel i / inner % count.
struct ChannelLayout {
    std::int64_t count = 0;  ///< 0: this side of the layer is not rounded
    std::int64_t inner = 1;  ///< elements from one channel to the next
};

/// Of the stored weight, or of the layer's first input (images: dimension 1; rows and sequences:
/// the last one; where the weight is on the left, the last but one).
[[nodiscard]] ChannelLayout channelLayout(const network::Layer& layer, Side side);

/// All channels of a side of layers[layer] in groups of `size` (at least 1), the last one perhaps
/// smaller. Empty where the side is not rounded.
[[nodiscard]] std::vector<ChannelGroup> channelGroups(const std::vector<network::Layer>& layers,
                                                      std::size_t layer, Side side,
                                                      std::int64_t size);

}  // namespace bitloupe::exploration
