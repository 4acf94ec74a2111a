// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/exporters/exporter.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// The design's network with QuantizeLinear and DequantizeLinear around every quantized tensor
/// (ONNX opset 13 or the network's own, if later):
///  - weights are stored as int8 codes in front of a DequantizeLinear, per tensor or per output
///  channel;
///  - activations pass QuantizeLinear, for widths under 8 bits a Clip to the narrower code range
///  (the
///    QCDQ form of Brevitas and qonnx), and DequantizeLinear;
///  - biases stay float, as they are in the simulation.
/// The tensors keep the names they have in the network.
[[nodiscard]] Result<network::Graph> buildQdqGraph(const ResolvedDesign& design);

/// One sentence for each layer whose scheme ONNX cannot carry this way; empty when the design fits.
[[nodiscard]] std::vector<std::string> qdqObstacles(const ResolvedDesign& design);

}  // namespace bitloupe::exporters
