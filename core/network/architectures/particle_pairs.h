// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/network/architectures/graph_builder.h"

namespace bitloupe::network {

/// What the Particle Transformer adds to its attention: from `vectors` [batch, 4, particles] (px,
/// py, pz, energy), for every pair with i >= j, ln kT, ln z, ln Delta and ln m^2, embedded by 1x1
/// convolutions (tensors pair_embed.embed.*) and mirrored to [batch, heads, particles, particles].
[[nodiscard]] std::string embedPairs(GraphBuilder& build, const std::string& vectors,
                                     std::int64_t particles, std::int64_t heads);

}  // namespace bitloupe::network
