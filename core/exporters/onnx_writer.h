// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/result.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// Element types of ONNX that Array has not, by their number in TensorProto.DataType. An array for
/// one of the floats holds their bits as Uint8; for one of the integers it holds the numbers as
/// Int8 or Uint8, and the file two to a byte, the first in the lower half.
enum class PackedType {
    Float8E4M3Fn = 17,
    Float8E4M3Fnuz = 18,
    Float8E5M2 = 19,
    Float8E5M2Fnuz = 20,
    Uint4 = 21,
    Int4 = 22
};

/// A graph, and which of its initializers are stored as another type than their array's.
struct OnnxModel {
    network::Graph graph;
    std::map<std::string, PackedType> storedAs;
};

/// The model as the bytes of an ONNX file, in the graph's own opset with the oldest IR version that
/// opset allows (so that older readers open it too). `metadata` becomes metadata_props. Errors:
/// larger than protobuf's 2 GiB.
[[nodiscard]] Result<std::string> serializeOnnx(
    const OnnxModel& model, const std::map<std::string, std::string>& metadata = {});

}  // namespace bitloupe::exporters
