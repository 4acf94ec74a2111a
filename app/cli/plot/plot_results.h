// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/exploration/quantity.h"

namespace bitloupe::cli {

struct PlotRequest {
    std::string results;  ///< a study's journal
    std::string output;   ///< .png, .svg, .pdf, or .csv of the points
    /// Left out: the study's first cost, and accuracy.
    std::optional<exploration::QuantityId> x;
    std::optional<exploration::QuantityId> y;
    std::optional<exploration::QuantityId> colour;
    std::optional<exploration::QuantityId> size;
    bool dark = false;
    int width = 900;  ///< logical pixels
    int height = 600;
    double scale = 2;  ///< of a PNG, 1..4
};

/// Draws the scatter of a study as the desktop does. Needs no display and no study file.
[[nodiscard]] Result<void> plotResults(const PlotRequest& request);

}  // namespace bitloupe::cli
