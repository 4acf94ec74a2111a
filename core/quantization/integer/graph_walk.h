// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/network/graph_index.h"
#include "core/network/network.h"
#include "core/quantization/integer/integer_network.h"

namespace bitloupe::quantization {

/// What is known of an edge while an integer network is built.
struct IntegerEdge {
    std::size_t index = 0;
    Shape shape;                ///< of one sample, the first dimension 1
    PerChannel<double> scales;  ///< real value of one unit; empty: real numbers
    IntegerRange range;         ///< what its elements can be

    [[nodiscard]] std::size_t elements() const {
        return static_cast<std::size_t>(elementCount(shape));
    }
    [[nodiscard]] bool isReal() const { return scales.empty(); }
};

/// A layer as it is to be run, and what its output is worth.
struct BuiltLayer {
    IntegerLayer layer;
    std::vector<double> channelScales;  ///< one a channel
    IntegerRange range;                 ///< of what it passes on
};

/// How layers and averages become integers.
class IntegerScheme {
public:
    virtual ~IntegerScheme() = default;
    virtual Result<BuiltLayer> layer(std::size_t index, const IntegerEdge& input) = 0;
    [[nodiscard]] virtual IntegerPool::Kind averageKind() const = 0;
    [[nodiscard]] virtual Multiplier multiplier(double factor) const = 0;
};

/// Turns the graph into steps, node by node, in the order of the graph. Sums of averages and of
/// additions are kept to 31 bits (kEdgeBits and the sign). Errors name the node that has no integer
/// form.
[[nodiscard]] Result<IntegerNetwork> buildSteps(const network::Network& network,
                                                IntegerScheme& scheme);

/// Bits of the largest magnitude on an edge, so that 32 have room to round.
inline constexpr int kEdgeBits = 30;

/// Fills in where the layer reads and its sizes.
[[nodiscard]] Result<void> describeLayer(const network::Network& network, std::size_t index,
                                         const IntegerEdge& input, IntegerLayer& layer);

/// The layer's stored bias, one value a channel; zeros when it has none.
[[nodiscard]] std::vector<double> biasOf(const network::Network& network, std::size_t index,
                                         std::size_t channels);

}  // namespace bitloupe::quantization
