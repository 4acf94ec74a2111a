// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/network/network.h"
#include "ui/charts/graph_view.h"

namespace bitloupe::ui {

/// The drawing of a network, laid out once; colours are put on it afterwards. Costs time in
/// proportion to its nodes.
[[nodiscard]] std::shared_ptr<const charts::GraphViewData> graphOf(const network::Network& network);

/// The same drawing with one value a layer (NaN: none) under a name.
[[nodiscard]] std::shared_ptr<const charts::GraphViewData> coloured(
    const charts::GraphViewData& graph, const std::vector<double>& byLayer,
    const charts::AxisDescription& axis);

}  // namespace bitloupe::ui
