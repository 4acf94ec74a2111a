// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// A GEMM topology for SCALE-Sim: one row a layer (a layer that runs its product several times, as
/// a grouped convolution does, becomes that many rows).
[[nodiscard]] std::string scalesimTopology(const ResolvedDesign& design);

/// The design's array as a SCALE-Sim configuration.
[[nodiscard]] std::string scalesimConfiguration(const ResolvedDesign& design);

}  // namespace bitloupe::exporters
