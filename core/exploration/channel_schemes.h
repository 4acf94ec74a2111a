// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "core/exploration/channels.h"
#include "core/exploration/layer_schemes.h"

namespace bitloupe::exploration {

/// Layers of which only a group of channels is rounded, made from their LayerSchemes. The runner
/// knows them as long as this lives: a map of many channels is measured in parts.
class ChannelSchemes {
public:
    /// All must outlive this; the runner is that of the schemes.
    ChannelSchemes(const network::Network& network, execution::PopulationRunner& runner,
                   LayerSchemes& schemes);
    ~ChannelSchemes();
    ChannelSchemes(const ChannelSchemes&) = delete;
    ChannelSchemes& operator=(const ChannelSchemes&) = delete;

    /// Errors: channels that the layer does not have, a side that cannot be rounded.
    Result<execution::VariantList> variants(const ChannelProbe& probe);

    /// Bytes that the probe's weights take in the runner.
    [[nodiscard]] static std::size_t bytesOf(const network::Network& network,
                                             const ChannelProbe& probe);

private:
    Result<int> addWeights(const ChannelProbe& probe, const ChannelLayout& layout,
                           const quantization::QuantizedWeights& rounded);
    int addRounding(const ChannelProbe& probe, const ChannelLayout& layout,
                    const quantization::ActivationRounding& rounding);

    const network::Network& m_network;
    execution::PopulationRunner& m_runner;
    LayerSchemes& m_schemes;
    std::vector<std::pair<std::size_t, int>> m_weights;  ///< layer, variant
    std::vector<std::pair<std::size_t, int>> m_roundings;
};

/// Rounding error of each probe's own values. Probes of one layer, side and format that follow each
/// other are rounded once.
[[nodiscard]] std::vector<RoundingError> channelRoundingErrors(
    const network::Network& network, LayerSchemes& schemes, std::span<const ChannelProbe> probes);

}  // namespace bitloupe::exploration
