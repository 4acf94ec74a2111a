// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"
#include "core/exporters/obstacles.h"
#include "core/exporters/onnx_writer.h"

namespace bitloupe::exporters {

/// The design's network with QuantizeLinear and DequantizeLinear around every quantized tensor, in
/// the lowest opset that has what the design needs (qdq_carrier.h), 13 at least:
///  - weights are stored as codes in front of a DequantizeLinear: integers of 2 to 4 bits packed
///  two
///    to a byte, of 5 to 8 as int8, up to 16 as int16, 8-bit floats as such; scales per tensor,
///    per output channel or by block (group scales; a convolution's filters are then stored as the
///    rows of a matrix and reshaped);
///  - activations pass QuantizeLinear, for integers narrower than their type a Clip to the code
///    range, and DequantizeLinear: the QCDQ form of Brevitas and qonnx (arXiv 2206.07527). Weights
///    of 5 to 7 bits have that Clip too, which tells a reader their width;
///  - biases stay float, as they are in the simulation.
/// The tensors keep the names they have in the network.
[[nodiscard]] Result<OnnxModel> buildQdqGraph(const ResolvedDesign& design);

/// One sentence for each layer whose scheme ONNX cannot carry this way; empty when the design fits.
[[nodiscard]] std::vector<std::string> qdqObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
