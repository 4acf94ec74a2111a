// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/execution/training/trainer.h"

namespace bitloupe::study {

/// What a checkpoint belongs to: another network, another design or other settings give another
/// number.
[[nodiscard]] std::int64_t checkpointMark(const std::string& network, const std::string& design,
                                          const execution::TrainingSettings& settings);

/// A checkpoint as a safetensors file.
[[nodiscard]] Result<void> saveCheckpoint(const std::string& path,
                                          const execution::TrainingState& state, std::int64_t mark);
/// Nothing when there is none, or when it belongs to something else.
[[nodiscard]] Result<std::optional<execution::TrainingState>> loadCheckpoint(
    const std::string& path, std::int64_t mark);
void removeCheckpoint(const std::string& path);

/// Runs `trainer` with a checkpoint at `path`: taken up where it stands, written after every epoch
/// and on a stop, and left there for the caller to remove once the result is safe.
[[nodiscard]] Result<JobOutcome> trainWithCheckpoint(execution::Trainer& trainer,
                                                     const std::string& path, std::int64_t mark,
                                                     execution::TrainingControl control);

}  // namespace bitloupe::study
