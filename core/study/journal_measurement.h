// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/exploration/evaluation.h"
#include "core/study/database.h"

/// What several tables of a journal have in common.
namespace bitloupe::study {

/// Columns metric, low, high, correct, samples, kl, output_mse.
inline constexpr int kMeasurementColumns = 7;

Statement& bindMeasurement(Statement& statement, const exploration::Measurement& measured);
[[nodiscard]] exploration::Measurement readMeasurement(const Statement& statement, int first);

[[nodiscard]] std::string_view sideName(exploration::Side side);
[[nodiscard]] exploration::Side readSide(const Statement& statement, int column);

/// Journals of an older form that are only read lack some tables.
[[nodiscard]] Result<bool> hasTable(const Database& database, std::string_view name);

/// `result` with the file it happened in.
[[nodiscard]] Result<void> located(const Result<void>& result, const Database& database);

}  // namespace bitloupe::study
