// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QStringList>
#include <span>
#include <vector>

#include "core/exploration/channels.h"
#include "core/exploration/sensitivity.h"

namespace bitloupe::ui {

/// How many channels of a layer are rounded together so that its map is soon measured and seen as a
/// whole: at most 32 groups a side.
[[nodiscard]] exploration::ChannelMap channelMapOf(const network::Layer& layer, std::size_t index);

/// The rows of a layer's map of channels: on each side groups of the size that was measured last,
/// else those that `planned` would measure.
class ChannelRows {
public:
    ChannelRows() = default;
    ChannelRows(const std::vector<network::Layer>& layers, const exploration::ChannelMap& planned,
                std::span<const exploration::ChannelCell> known);

    /// "channel 0", or "channels 0–3" for a group; as the channels are counted in the layer, from
    /// 0.
    [[nodiscard]] QStringList names(exploration::Side side) const;
    /// -1: the group is of another layer or another size.
    [[nodiscard]] int rowOf(const exploration::ChannelGroup& group) const;
    friend bool operator==(const ChannelRows&, const ChannelRows&) = default;

private:
    std::vector<exploration::ChannelGroup> m_weights;
    std::vector<exploration::ChannelGroup> m_activations;
};

}  // namespace bitloupe::ui
