// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/study/database.h"
#include "core/study/journal.h"

namespace bitloupe::study {

/// Makes the tables of a new journal, or checks those of an existing one against `header`.
[[nodiscard]] Result<void> prepareForWriting(Database& database, const JournalHeader& header);
/// Refuses what is not a journal or has a newer schema.
[[nodiscard]] Result<void> checkSchema(const Database& database);
[[nodiscard]] Result<JournalHeader> readHeader(const Database& database);

}  // namespace bitloupe::study
