// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/exporters/exporter.h"

namespace bitloupe::exporters {

/// The design as one C99 header: for each layer its weights in packed codes (coded_weights.h) with
/// scales, zero points and, for formats that are not evenly spaced, the table of their values; its
/// bias; and how its input is rounded. It says nothing about how the layers are computed. The
/// function in it, bitloupe_value, is what a code means. Any design fits.
[[nodiscard]] std::string cHeader(const ResolvedDesign& design);

}  // namespace bitloupe::exporters
