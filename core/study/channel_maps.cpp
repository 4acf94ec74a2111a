// SPDX-License-Identifier: Apache-2.0
#include "core/study/channel_maps.h"

#include "core/network/layer_names.h"

namespace bitloupe::study {

Result<std::vector<exploration::ChannelMap>> channelMaps(const StudyDescription& description,
                                                         const network::Network& network) {
    std::vector<exploration::ChannelMap> maps;
    const std::vector<std::string> layers = network::layerNames(network.layers);
    for (const std::string& name : description.channelLayers) {
        const Result<std::size_t> layer = network::findLayer(layers, name, "channel_sensitivity");
        if (layer.hasError()) {
            return layer.error();
        }
        maps.push_back({.layer = layer.value(), .group = description.channelGroup});
    }
    return maps;
}

}  // namespace bitloupe::study
