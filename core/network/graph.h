// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/array.h"

namespace bitloupe::network {

struct Graph;

/// The domain of the QONNX operators (Quant, BipolarQuant, Trunc ...) whatever a file calls it.
inline constexpr const char* kQonnxDomain = "qonnx.custom_op.general";

/// An ONNX attribute value.
using Attribute =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
                 std::vector<std::string>, Array, std::shared_ptr<const Graph>>;

/// One operation, with ONNX's names and semantics (opset of the graph, domain of the node).
struct Node {
    std::string
        name;  ///< unique in its graph; made up from type and position when the file has none
    std::string operatorType;          ///< "Conv", "Gemm" ...
    std::string domain;                ///< "" is ONNX's default domain
    std::vector<std::string> inputs;   ///< edge names; "" is an omitted optional input
    std::vector<std::string> outputs;  ///< edge names; "" is an unused optional output
    std::map<std::string, Attribute> attributes;
    std::string remark = {};  ///< what a pass did to it, "batch normalization bn1 folded"; or empty
};

/// A graph input or output. A dimension without a value is symbolic (`name` keeps what the file
/// calls it).
struct Dimension {
    std::optional<std::int64_t> value;
    std::string name;
};
struct ValueInfo {
    std::string name;
    ElementType type = ElementType::Float32;
    std::vector<Dimension> shape;
};

/// A network as plain data: a graph of ONNX operators in topological order. Immutable once loaded
/// and shared as `std::shared_ptr<const Graph>`; it knows nothing of LibTorch.
struct Graph {
    std::string name;
    std::int64_t opset = 13;
    std::vector<ValueInfo> inputs;  ///< without initializers
    std::vector<ValueInfo> outputs;
    std::map<std::string, Array> initializers;
    std::vector<Node> nodes;  ///< each node's inputs are made before it
    /// What the file calls the elements of an edge, as TensorProto.DataType, where ElementType is
    /// wider (float16, bfloat16, float8, int4 ...); as far as the file says it.
    std::map<std::string, int> narrowTypes;
    std::int64_t mergedParameters = 0;  ///< trained parameters that passes merged into others
};

}  // namespace bitloupe::network
