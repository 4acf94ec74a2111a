// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/model_options.h"
#include "app/cli/sensitivity_map.h"
#include "core/study/session.h"

namespace bitloupe::cli {

/// What the command was asked for.
struct SensitivityOptions {
    ModelOptions model;
    std::string data;
    std::string formats;
    std::string on = "both";
    std::string channelLayer;  ///< empty: the map of layers
    std::int64_t channelGroup = 1;
    bool leaveOneInFloat = false;
    bool csv = false;
    std::string memory;

    [[nodiscard]] bool roundsWeights() const { return on != "activations"; }
    [[nodiscard]] bool roundsActivations() const { return on != "weights"; }
};

/// What is measured: the map's rows and columns, and how each cell is asked for.
struct SensitivityWork {
    SensitivityMap map;
    std::vector<exploration::Assignment> assignments;  ///< a cell each, or of channels none
    std::vector<exploration::ChannelProbe> probes;     ///< a cell each, or none
};

/// The cells of the map that the options ask for, none of them measured. Errors: a layer that the
/// network does not have, or that has nothing to round.
[[nodiscard]] Result<SensitivityWork> planSensitivity(
    const study::Session& session, const SensitivityOptions& options,
    const std::vector<quantization::Quantizer>& formats);

}  // namespace bitloupe::cli
