// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exporters/integer_network.h"

namespace bitloupe::exporters {

/// The steps of a network whose nodes form one chain of layers, ReLU, pooling and changes of shape;
/// or the sentence that says which node does not belong in one.
struct IntegerChain {
    Shape input;
    std::vector<IntegerStep> steps;    ///< layer names are those of the network
    std::vector<std::size_t> layers;   ///< indices into Network::layers, in order
    std::vector<std::int64_t> summed;  ///< per entry of `layers`: values that pooling adds up
    std::string obstacle;              ///< "" when the network is one
};
[[nodiscard]] IntegerChain integerChain(const network::Network& network);

}  // namespace bitloupe::exporters
