// SPDX-License-Identifier: Apache-2.0
#include "ui/models/channel_rows.h"

#include <QObject>
#include <algorithm>

namespace bitloupe::ui {

namespace {

using exploration::ChannelCell;
using exploration::ChannelGroup;
using exploration::ChannelMap;
using exploration::Side;

constexpr std::int64_t kMostRows = 32;  // of a side

std::vector<ChannelGroup> rowsOf(const std::vector<network::Layer>& layers,
                                 const ChannelMap& planned, Side side,
                                 std::span<const ChannelCell> known) {
    std::int64_t size = planned.group;
    for (const ChannelCell& cell : known) {
        const ChannelGroup& group = cell.probe.channels;
        // Every map of this side begins with a whole group.
        if (group.layer == planned.layer && group.side == side && group.first == 0) {
            size = group.count;
        }
    }
    return exploration::channelGroups(layers, planned.layer, side, size);
}

}  // namespace

ChannelMap channelMapOf(const network::Layer& layer, std::size_t index) {
    const std::int64_t channels =
        std::max(exploration::channelLayout(layer, Side::Weights).count,
                 exploration::channelLayout(layer, Side::Activations).count);
    return {.layer = index,
            .group = std::max<std::int64_t>(1, (channels + kMostRows - 1) / kMostRows)};
}

ChannelRows::ChannelRows(const std::vector<network::Layer>& layers, const ChannelMap& planned,
                         std::span<const ChannelCell> known)
    : m_weights(rowsOf(layers, planned, Side::Weights, known)),
      m_activations(rowsOf(layers, planned, Side::Activations, known)) {}

QStringList ChannelRows::names(Side side) const {
    QStringList names;
    for (const ChannelGroup& group : side == Side::Weights ? m_weights : m_activations) {
        const std::int64_t last = group.first + group.count - 1;
        names << (group.count == 1 ? QObject::tr("channel %1").arg(group.first)
                                   : QObject::tr("channels %1–%2").arg(group.first).arg(last));
    }
    return names;
}

int ChannelRows::rowOf(const ChannelGroup& group) const {
    const std::vector<ChannelGroup>& rows = group.side == Side::Weights ? m_weights : m_activations;
    const auto found = std::find(rows.begin(), rows.end(), group);
    return found == rows.end() ? -1 : static_cast<int>(found - rows.begin());
}

}  // namespace bitloupe::ui
