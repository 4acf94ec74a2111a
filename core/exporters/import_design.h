// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exploration/design.h"
#include "core/network/network.h"

namespace bitloupe::exporters {

/// What an already quantized file does to a network, as a design.
struct ImportedDesign {
    exploration::Assignment assignment;  ///< in the network's layer order
    std::vector<std::string> notes;      ///< what could not be kept, one sentence each
};

/// Reads the quantizers of an ONNX file with QuantizeLinear and DequantizeLinear (a Clip between
/// them says a narrower width), of a QONNX file (Quant, BipolarQuant), or of AIMET encodings
/// 0.6.1, 1.0.0 or 2.0.0, for the layers of the float network they were made from. Encodings are
/// found by tensor name, layers of a graph in order. Formats and granularities are kept; a scale is
/// too when it is a power of two (fixed point), else it is found again from the calibration.
/// Errors: no such file, nothing quantized in it, another number of layers.
[[nodiscard]] Result<ImportedDesign> importDesign(const std::string& path,
                                                  const network::Network& network);

}  // namespace bitloupe::exporters
