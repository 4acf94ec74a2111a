// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command_line.h"
#include "app/cli/progress_line.h"
#include "core/execution/training/trainer.h"

namespace bitloupe::cli {

/// Settings of a training on the command line; what is given goes before the study's.
struct TrainingOptions {
    std::optional<std::int64_t> epochs;
    std::optional<std::int64_t> mostSteps;
    std::optional<std::int64_t> batchSize;
    std::optional<double> learningRate;
    std::optional<std::string> optimizer;
    std::optional<std::uint64_t> seed;

    /// `settings` with these, and with `threads`.
    [[nodiscard]] execution::TrainingSettings over(execution::TrainingSettings settings,
                                                   int threads) const;
};
void addTrainingOptions(CLI::App& command, TrainingOptions& options);

/// A control that shows its progress on `line`.
[[nodiscard]] execution::TrainingControl trainingControl(ProgressLine& line, std::stop_token stop);

/// `[{"loss","metric","search_loss"}]`, and the same as a table for people.
[[nodiscard]] nlohmann::json epochsJson(const std::vector<execution::EpochRecord>& epochs);
void printEpochs(std::ostream& out, const std::vector<execution::EpochRecord>& epochs);

}  // namespace bitloupe::cli
