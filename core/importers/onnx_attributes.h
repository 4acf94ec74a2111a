// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::importers {

/// Reads a subgraph that an attribute holds.
using ReadSubgraph = std::function<Result<network::Graph>(const onnx::GraphProto&)>;

/// The value of an attribute. Refuses lists of tensors or graphs, sparse tensors and types, and an
/// attribute of the default domain whose type is not the one its name has throughout ONNX (strides
/// are integers everywhere).
[[nodiscard]] Result<network::Attribute> attributeOf(const onnx::AttributeProto& attribute,
                                                     const std::string& domain,
                                                     const std::string& folder,
                                                     const ReadSubgraph& readSubgraph);

}  // namespace bitloupe::importers
