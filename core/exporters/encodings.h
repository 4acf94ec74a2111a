// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// AIMET's encodings in its schema 1.0.0 or 2.0.0 (2.0.0 follows ONNX QuantizeLinear). Tensor names
/// are those of the network; each quantizer is listed once.
enum class EncodingsVersion { V1, V2 };

[[nodiscard]] std::string encodingsJson(const ResolvedDesign& design, EncodingsVersion version);

/// One sentence for each layer that integer encodings cannot describe; empty when the design fits.
[[nodiscard]] std::vector<std::string> encodingsObstacles(const Schemes& schemes);

}  // namespace bitloupe::exporters
