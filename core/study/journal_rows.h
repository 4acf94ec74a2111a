// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/study/database.h"
#include "core/study/design_text.h"
#include "core/study/journal.h"

/// The rows of a journal. Everything that writes runs inside a transaction of the caller.
namespace bitloupe::study {

/// `result` with the file it happened in.
[[nodiscard]] Result<void> located(const Result<void>& result, const Database& database);

[[nodiscard]] Result<void> insertEvaluations(Database& database, const DesignText& designs,
                                             std::int64_t firstId,
                                             std::span<const exploration::Evaluation> evaluations);
[[nodiscard]] Result<void> insertSensitivity(Database& database,
                                             std::span<const exploration::SensitivityCell> cells);
[[nodiscard]] Result<void> insertReference(Database& database,
                                           const exploration::Measurement& reference);

[[nodiscard]] Result<exploration::KnownResults> readResults(const Database& database,
                                                            const DesignText& designs);
[[nodiscard]] Result<exploration::DesignSpace> readSpace(const Database& database,
                                                         std::string_view origin = {});

}  // namespace bitloupe::study
