// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::importers {

/// What the graphs of one ONNX file share.
struct OnnxContext {
    std::string folder;                             ///< where external data may lie
    std::int64_t opset = 0;                         ///< of the default domain
    std::shared_ptr<const onnx::ModelProto> owner;  ///< the file, whose large tensors are shared
};

/// Translates a graph and the graphs inside it. Nodes keep the file's order; Constant nodes become
/// initializers.
[[nodiscard]] Result<network::Graph> graphOf(const onnx::GraphProto& proto,
                                             const OnnxContext& context);

}  // namespace bitloupe::importers
