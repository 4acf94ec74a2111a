// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
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

[[nodiscard]] std::vector<std::string> layerNames(const std::vector<Layer>& layers);

/// The place of `name` among a network's layers. Error: there is none; the hint names the one that
/// was probably meant, and all where they are few or none is near. `where`: what asked for it, as a
/// message says it.
[[nodiscard]] Result<std::size_t> findLayer(const std::vector<std::string>& layers,
                                            const std::string& name, const std::string& where);

}  // namespace bitloupe::network
