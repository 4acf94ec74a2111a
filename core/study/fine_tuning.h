// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/execution/training/trainer.h"
#include "core/exploration/evaluation.h"
#include "core/study/session.h"

namespace bitloupe::study {

struct FineTuned {
    JobOutcome outcome = JobOutcome::Finished;
    std::vector<execution::EpochRecord> epochs;
    std::optional<exploration::Evaluation> evaluation;  ///< when finished: kept in the journal
    std::optional<exploration::Measurement> test;       ///< on the test split, where there is one
};

/// Trains the weights of an evaluated design with its rounding in place, on the study's training
/// split, and keeps the result: a new evaluation whose parent it is, and the weights beside
/// `results` (the journal's file). A stop leaves a checkpoint there, from which the same call goes
/// on. A design that was fine-tuned before is trained further.
///
/// Slow; the control's functions are called from this thread. Errors: samples without labels,
/// a design whose every layer is float, files that cannot be read or written.
[[nodiscard]] Result<FineTuned> fineTune(const Session& session, Journal& journal,
                                         const std::string& results,
                                         const exploration::Evaluation& parent,
                                         const execution::TrainingSettings& settings,
                                         const execution::TrainingControl& control);

}  // namespace bitloupe::study
