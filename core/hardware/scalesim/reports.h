// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "core/base/result.h"
#include "core/hardware/scalesim/simulator.h"

namespace bitloupe::hardware::scalesim {

/// A double as Python's str() writes it: the shortest digits that read back equal, ".0" on whole
/// numbers, an exponent below 1e-4 and from 1e16 on.
[[nodiscard]] std::string pythonNumber(double value);

/// The texts of SCALE-Sim's three reports, byte for byte.
[[nodiscard]] std::string computeReport(std::span<const LayerReport> layers, Version version);
[[nodiscard]] std::string bandwidthReport(std::span<const LayerReport> layers);
[[nodiscard]] std::string accessReport(std::span<const LayerReport> layers);

/// v3's fourth report; empty unless the layers are sparse.
[[nodiscard]] std::string sparseReport(std::span<const LayerReport> layers);

/// Writes COMPUTE_REPORT.csv, BANDWIDTH_REPORT.csv and DETAILED_ACCESS_REPORT.csv into `folder`,
/// which is made when it is not there; SPARSE_REPORT.csv as well when the layers are sparse.
[[nodiscard]] Result<void> writeReports(const std::string& folder,
                                        std::span<const LayerReport> layers, Version version);

}  // namespace bitloupe::hardware::scalesim
