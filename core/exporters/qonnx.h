// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"
#include "core/exporters/obstacles.h"
#include "core/exporters/onnx_writer.h"

namespace bitloupe::exporters {

/// The design's network in the QONNX dialect (domain qonnx.custom_op.general): a Quant node in
/// front of every quantized weight and behind every quantized edge (BipolarQuant for binary ones),
/// values in float32. Pappalardo et al., "QONNX: Representing Arbitrary-Precision Quantized Neural
/// Networks", 2022 (arXiv 2206.07527). Integers, fixed point that saturates, ternary and binary
/// fit, per tensor or per output channel.
[[nodiscard]] Result<OnnxModel> buildQonnxGraph(const ResolvedDesign& design);

/// One sentence for each layer whose scheme QONNX cannot say; empty when the design fits.
[[nodiscard]] std::vector<std::string> qonnxObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
