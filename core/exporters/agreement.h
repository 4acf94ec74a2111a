// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/data/data_set.h"
#include "core/exporters/exporter.h"

/// Whether what was written computes what was simulated: the file is read back and run on samples.
namespace bitloupe::exporters {

struct Agreement {
    std::int64_t samples = 0;
    std::int64_t agreeing = 0;  ///< rows with the same largest output (single outputs: that differ
                                ///< by less than a thousandth of the largest)
    double largestDifference = 0;  ///< between outputs, in their own unit
    std::string reader;  ///< what ran the file: "LibTorch", "Bitloupe's ONNX importer" ...
};

/// Runs the exported file or folder at `path` and the simulation of `design` on the same samples.
/// `progress` (may be empty) gets the done share and stops the check by returning false. Errors:
/// the file cannot be read back or run; a check that was stopped.
[[nodiscard]] Result<Agreement> checkAgreement(const ExportKind& kind, const std::string& path,
                                               const ResolvedDesign& design,
                                               const data::Samples& samples,
                                               const std::function<bool(double)>& progress = {});

}  // namespace bitloupe::exporters
