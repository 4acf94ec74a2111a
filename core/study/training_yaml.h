// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/yaml_document.h"
#include "core/execution/training/training_settings.h"

namespace bitloupe::study {

/// How a design is fine-tuned unless a study says otherwise: few epochs at a low rate.
[[nodiscard]] execution::TrainingSettings fineTuningDefaults();

/// Reads a study's `training` or `fine_tuning`: keys that are given replace what `settings` has.
/// Errors stay in the document.
void readTraining(const yaml::Value& value, execution::TrainingSettings& settings);

/// What differs from `defaults`, under `key`; "" when nothing does.
[[nodiscard]] std::string writeTraining(const std::string& key,
                                        const execution::TrainingSettings& settings,
                                        const execution::TrainingSettings& defaults);

}  // namespace bitloupe::study
