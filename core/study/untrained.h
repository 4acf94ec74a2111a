// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/study/study_description.h"

namespace bitloupe::study {

/// Where training puts the weights of the study's architecture: the file that `network.weights`
/// names, or NAME.safetensors beside the study.
[[nodiscard]] std::string trainedWeightsPath(const StudyDescription& study);

/// Whether the study names an architecture whose weights are still to be trained.
[[nodiscard]] bool isUntrained(const StudyDescription& study);

}  // namespace bitloupe::study
