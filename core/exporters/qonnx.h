// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.h"
#include "core/exporters/exporter.h"
#include "core/network/graph.h"

namespace bitloupe::exporters {

/// The design's network in the QONNX dialect (domain qonnx.custom_op.general): a Quant node in
/// front of every quantized weight and behind every quantized edge, values in float32. Pappalardo
/// et al., "QONNX: Representing Arbitrary-Precision Quantized Neural Networks", 2022 (arXiv
/// 2206.07527). Integer formats of any width fit, per tensor or per output channel.
[[nodiscard]] Result<network::Graph> buildQonnxGraph(const ResolvedDesign& design);

/// One sentence for each layer whose scheme QONNX's Quant cannot say; empty when the design fits.
[[nodiscard]] std::vector<std::string> qonnxObstacles(const ResolvedDesign& design);

}  // namespace bitloupe::exporters
