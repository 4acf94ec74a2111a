// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/data/data_description.h"

namespace bitloupe::data {

/// One sentence for every input whose values do not look like what networks are trained on: pixels
/// that go up to 255 without any scaling, and samples of a split that reach far beyond those of the
/// calibration split.
[[nodiscard]] std::vector<std::string> rangeWarnings(const DataDescription& description,
                                                     const DataSet& set);

}  // namespace bitloupe::data
