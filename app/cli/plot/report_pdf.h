// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/study/report.h"

namespace bitloupe::cli {

/// The report printed on A4 pages. Needs no display.
[[nodiscard]] Result<void> writeReportPdf(const study::ReportContent& content,
                                          const std::string& path);

}  // namespace bitloupe::cli
