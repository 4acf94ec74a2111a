// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/network/graph_index.h"
#include "core/quantization/integer/integer_network.h"

namespace bitloupe::quantization {

/// The elements of a tensor in other places: element i is element `from[i]` of the input, or
/// IntegerGather::kZero. Row-major, of one sample.
struct Rearranged {
    std::vector<std::int64_t> from;
    Shape shape;
};

/// What a Slice or a Pad (with zeros) makes of a tensor of `shape`, whose first dimension is the
/// sample's and stays as it is. Errors, by node: bounds that are not stored in the network, values
/// other than zeros, another first dimension.
[[nodiscard]] Result<Rearranged> rearrange(const network::Node& node, const Shape& shape,
                                           const network::GraphIndex& index);

}  // namespace bitloupe::quantization
