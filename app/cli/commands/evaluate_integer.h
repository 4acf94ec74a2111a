// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

#include "core/exploration/integer_evaluation.h"

namespace bitloupe::cli {

/// --integer and what goes with it, for the evaluate command.
struct IntegerOptions {
    bool wanted = false;
    std::string accumulator = "32";
    std::string requantization = "gemmlowp";  ///< gemmlowp, shift15 or byte-weights
};

/// `options` must outlive `command`.
void addIntegerOptions(CLI::App& command, IntegerOptions& options);

/// Runs the design in integers as the options say.
[[nodiscard]] Result<exploration::IntegerEvaluation> runIntegers(
    const IntegerOptions& options, const network::Network& network,
    exploration::PopulationEvaluator& evaluator, const exploration::Assignment& assignment,
    const data::Samples& samples, int threads);

[[nodiscard]] nlohmann::ordered_json integerJson(const exploration::IntegerEvaluation& evaluation);
void printIntegers(const exploration::IntegerEvaluation& evaluation, std::ostream& out);

}  // namespace bitloupe::cli
