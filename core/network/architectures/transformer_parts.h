// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/network/architectures/graph_builder.h"

/// What transformers are made of (Vaswani et al. 2017), written down once for all of them.
namespace bitloupe::network {

/// `count` heads of `width` numbers each.
struct Heads {
    std::int64_t count = 1;
    std::int64_t width = 1;
};

/// How the places of a head lie.
enum class HeadLayout {
    RowsOfPlaces,    ///< [batch, heads, places, width]: queries and values
    ColumnsOfPlaces  ///< [batch, heads, width, places]: keys, as the product needs them
};

/// [batch, places, heads * width] taken apart into heads.
[[nodiscard]] std::string splitHeads(GraphBuilder& build, const std::string& name,
                                     const std::string& edge, Heads heads, HeadLayout layout);

/// What becomes of the products of queries and keys before the softmax.
using Mask = std::function<std::string(const std::string& logits)>;

/// softmax(mask(query key)) value, of operands that are taken apart into heads; the scale is the
/// caller's. The nodes of the two products are `name`.qk and `name`.av.
[[nodiscard]] std::string mixValues(GraphBuilder& build, const std::string& name,
                                    const std::string& query, const std::string& key,
                                    const std::string& value, const Mask& mask);

/// [batch, heads, places, width] joined again to [batch, places, heads * width].
[[nodiscard]] std::string joinHeads(GraphBuilder& build, const std::string& name,
                                    const std::string& edge, Heads heads);

/// All of it: `query` is scaled by 1/sqrt(width) and everything is [batch, places, heads * width].
[[nodiscard]] std::string attend(GraphBuilder& build, const std::string& name,
                                 const std::string& query, const std::string& key,
                                 const std::string& value, Heads heads, const Mask& mask);

/// 0, 1, 2 ... for the places of `tokens` [batch, places].
[[nodiscard]] std::string placesOf(GraphBuilder& build, const std::string& tokens);

/// The mask of a decoder: a place sees itself and those before it. `places` as placesOf makes it.
[[nodiscard]] Mask causalMask(GraphBuilder& build, const std::string& places);

/// The stored vector `vector` [1, 1, width] once for each sample of `like`: [batch, 1, width].
[[nodiscard]] std::string oncePerSample(GraphBuilder& build, const std::string& name,
                                        const std::string& vector, const std::string& like,
                                        std::int64_t width);

}  // namespace bitloupe::network
