// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/channels.h"

#include <algorithm>

namespace bitloupe::exploration {

namespace {

ChannelLayout layoutOf(const Shape& shape, std::size_t axis) {
    if (axis >= shape.size()) {
        return {};
    }
    ChannelLayout layout{.count = shape[axis], .inner = 1};
    for (std::size_t i = axis + 1; i < shape.size(); ++i) {
        layout.inner *= shape[i];
    }
    return layout.count > 0 && layout.inner > 0 ? layout : ChannelLayout{};
}

/// The axis of the input that runs along the sums of the layer's products.
std::size_t inputAxis(const network::Layer& layer) {
    if (layer.operatorType == "Conv" || layer.operatorType == "ConvTranspose") {
        return 1;
    }
    const std::size_t rank = layer.weightShape.size();
    const bool weightIsLeft = layer.operatorType == "MatMul" && rank >= 2 &&
                              static_cast<std::size_t>(layer.channelAxis) + 2 == rank;
    return layer.inputShape.size() - (weightIsLeft ? 2 : 1);
}

}  // namespace

ChannelLayout channelLayout(const network::Layer& layer, Side side) {
    if (side == Side::Weights) {
        return layer.weight.empty()
                   ? ChannelLayout{}
                   : layoutOf(layer.weightShape, static_cast<std::size_t>(layer.channelAxis));
    }
    return layer.input.empty() ? ChannelLayout{} : layoutOf(layer.inputShape, inputAxis(layer));
}

std::vector<ChannelGroup> channelGroups(const std::vector<network::Layer>& layers,
                                        std::size_t layer, Side side, std::int64_t size) {
    std::vector<ChannelGroup> groups;
    const std::int64_t channels = channelLayout(layers.at(layer), side).count;
    const std::int64_t step = std::max<std::int64_t>(1, size);
    for (std::int64_t first = 0; first < channels; first += step) {
        groups.push_back({.layer = layer,
                          .side = side,
                          .first = first,
                          .count = std::min(step, channels - first)});
    }
    return groups;
}

}  // namespace bitloupe::exploration
