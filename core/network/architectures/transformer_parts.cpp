// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/transformer_parts.h"

#include <cmath>
#include <limits>
#include <vector>

namespace bitloupe::network {

namespace {

using Integers = std::vector<std::int64_t>;

Array integer(std::int64_t value) {
    return Array::of<std::int64_t>({}, Integers{value});
}

}  // namespace

std::string splitHeads(GraphBuilder& build, const std::string& name, const std::string& edge,
                       Heads heads, HeadLayout layout) {
    const std::string split =
        build.reshape(name + "/split", edge, {0, 0, heads.count, heads.width});
    return build.transpose(
        name + "/heads", split,
        layout == HeadLayout::ColumnsOfPlaces ? Integers{0, 2, 3, 1} : Integers{0, 2, 1, 3});
}

std::string mixValues(GraphBuilder& build, const std::string& name, const std::string& query,
                      const std::string& key, const std::string& value, const Mask& mask) {
    const std::string product = build.add("MatMul", name + ".qk", {query, key});
    const std::string weights =
        build.add("Softmax", name + ".softmax", {mask(product)}, {{"axis", std::int64_t{-1}}});
    return build.add("MatMul", name + ".av", {weights, value});
}

std::string joinHeads(GraphBuilder& build, const std::string& name, const std::string& edge,
                      Heads heads) {
    return build.reshape(name + ".joined", build.transpose(name + ".turned", edge, {0, 2, 1, 3}),
                         {0, 0, heads.count * heads.width});
}

std::string attend(GraphBuilder& build, const std::string& name, const std::string& query,
                   const std::string& key, const std::string& value, Heads heads,
                   const Mask& mask) {
    const std::string scaled = build.withNumber("Mul", name + ".scaled", query,
                                                1 / std::sqrt(static_cast<float>(heads.width)));
    const std::string q = splitHeads(build, name + ".q", scaled, heads, HeadLayout::RowsOfPlaces);
    const std::string k = splitHeads(build, name + ".k", key, heads, HeadLayout::ColumnsOfPlaces);
    const std::string v = splitHeads(build, name + ".v", value, heads, HeadLayout::RowsOfPlaces);
    return joinHeads(build, name, mixValues(build, name, q, k, v, mask), heads);
}

std::string placesOf(GraphBuilder& build, const std::string& tokens) {
    const std::string one = build.constant("places/one", integer(1));
    const std::string sizes = build.add("Shape", "places/sizes", {tokens});
    const std::string count =
        build.add("Gather", "places/count", {sizes, one}, {{"axis", std::int64_t{0}}});
    return build.add("Range", "places", {build.constant("places/zero", integer(0)), count, one});
}

Mask causalMask(GraphBuilder& build, const std::string& places) {
    const std::string keys =
        build.add("Unsqueeze", "causal/keys", {places, build.integers("causal/first", {0})});
    const std::string queries =
        build.add("Unsqueeze", "causal/queries", {places, build.integers("causal/last", {1})});
    const std::string allowed = build.add("LessOrEqual", "causal/allowed", {keys, queries});
    const std::string never = build.scalar("causal/never", -std::numeric_limits<float>::infinity());
    return [&build, allowed, never](const std::string& logits) {
        return build.add("Where", logits + "/causal", {allowed, logits, never});
    };
}

std::string oncePerSample(GraphBuilder& build, const std::string& name, const std::string& vector,
                          const std::string& like, std::int64_t width) {
    const std::string samples = build.add("Shape", name + "/samples", {like},
                                          {{"start", std::int64_t{0}}, {"end", std::int64_t{1}}});
    const std::string shape = build.add("Concat", name + "/shape",
                                        {samples, build.integers(name + "/sample", {1, width})},
                                        {{"axis", std::int64_t{0}}});
    return build.add("Expand", name + "/each", {vector, shape});
}

}  // namespace bitloupe::network
