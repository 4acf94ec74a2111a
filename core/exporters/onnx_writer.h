// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// What a written file says besides the graph.
struct OnnxFileInfo {
    std::map<std::string, std::string> metadata;  ///< metadata_props
};

/// The graph as the bytes of an ONNX file, in the graph's own opset with the oldest IR version that
/// opset allows (so that older readers open it too). Errors: larger than protobuf's 2 GiB.
[[nodiscard]] Result<std::string> serializeOnnx(const network::Graph& graph,
                                                const OnnxFileInfo& info = {});

}  // namespace bitloupe::exporters
