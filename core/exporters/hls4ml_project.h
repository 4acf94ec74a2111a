// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// The design as a project for hls4ml (Fahim et al., 2021, arXiv 2103.05579), files by name:
///   network.onnx  QONNX; dense layers as MatMul and Add, nodes named `Type_number` as qonnx's
///                 clean-up names them, so that the configuration finds them again
///   hls4ml.yml    the configuration: for each layer ap_fixed of weight, bias, accumulator and
///   result,
///                 wide enough that nothing in the layer rounds or overflows, and its reuse factor
///   convert.py    what turns the two into an hls4ml project with the hls4ml package
/// ap_fixed has scales that are powers of two: fixed<W,I> and ufixed<W,I> fit.
[[nodiscard]] Result<std::map<std::string, std::string>> hls4mlProject(
    const ResolvedDesign& design, const std::string& designText);

[[nodiscard]] std::vector<std::string> hls4mlObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
