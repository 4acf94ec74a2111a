// SPDX-License-Identifier: Apache-2.0
#include "ui/models/network_graph.h"

#include <cmath>

namespace bitloupe::ui {

std::shared_ptr<const charts::GraphViewData> graphOf(const network::Network& network) {
    auto data = std::make_shared<charts::GraphViewData>();
    data->layout = network::layOut(*network.graph);
    data->nodes.reserve(network.graph->nodes.size());
    for (const network::Node& node : network.graph->nodes) {
        data->nodes.push_back({QString::fromStdString(node.operatorType),
                               QString::fromStdString(node.name), -1, std::nan("")});
    }
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        charts::GraphNode& node = data->nodes[network.layers[i].node];
        node.layer = static_cast<int>(i);
        node.name = QString::fromStdString(network.layers[i].name);
    }
    return data;
}

std::shared_ptr<const charts::GraphViewData> coloured(const charts::GraphViewData& graph,
                                                      const std::vector<double>& byLayer,
                                                      const charts::AxisDescription& axis) {
    auto data = std::make_shared<charts::GraphViewData>(graph);
    data->axis = axis;
    for (charts::GraphNode& node : data->nodes) {
        const auto layer = static_cast<std::size_t>(node.layer);
        node.value = node.layer >= 0 && layer < byLayer.size() ? byLayer[layer] : std::nan("");
    }
    return data;
}

}  // namespace bitloupe::ui
