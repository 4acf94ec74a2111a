// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/network/network.h"

namespace bitloupe::network {

/// Where the format of a tensor is decided: a layer, or a join of several results (Add, Concat, the
/// product of two branches). Every other operator hands on the format that it gets.
struct FormatPoint {
    std::string name;                     ///< of the layer, or of the node that joins
    std::optional<std::size_t> layer{};   ///< index into Network::layers; nothing: a join
    bool looksUp = false;                 ///< an embedding: writes what its table stores
    std::vector<std::size_t> operands{};  ///< of a join: the points whose results meet, ascending
};

/// A tensor on its way from one point to others, as they read it: behind the activations and
/// poolings between them.
struct PassedTensor {
    std::string name;                       ///< edge of the graph
    std::int64_t elements = 0;              ///< for one sample; 0 where the shape is not known
    std::size_t writer = 0;                 ///< a point
    std::vector<std::size_t> readers = {};  ///< points, ascending; each once
};

/// How results pass between the layers of a network. What no layer made (the network's inputs,
/// stored tensors, shapes and places) is not in it.
struct TensorFlow {
    std::vector<FormatPoint> points;  ///< in execution order
    std::vector<PassedTensor> tensors;
};

[[nodiscard]] TensorFlow tensorFlowOf(const Network& network);

}  // namespace bitloupe::network
