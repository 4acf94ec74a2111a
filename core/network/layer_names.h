// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/network/network.h"

namespace bitloupe::network {

/// A short name for the layer that `node` is: from its weight where the file names weights after
/// modules ("c1.weight" -> "c1"), else from the node ("/encoder/attn/MatMul_1" ->
/// "encoder/attn/MatMul_1").
[[nodiscard]] std::string readableLayerName(const Node& node, const std::string& weight);

/// The same from the node alone, for a layer that shares its weight with others: "/lm_head/MatMul"
/// -> "lm_head".
[[nodiscard]] std::string nodeLayerName(const Node& node);

/// Gives every layer after the first of a name a number: "fc", "fc_2", "fc_3".
void makeNamesUnique(std::vector<Layer>& layers);

}  // namespace bitloupe::network
