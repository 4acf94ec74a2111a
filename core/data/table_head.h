// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/data/csv.h"
#include "core/data/table.h"

namespace bitloupe::data {

/// A table whose head was read: the reader stands on the first row of values, if there is one.
struct OpenTable {
    CsvReader reader;
    TableHead head;
    bool atValues = false;
};

[[nodiscard]] Result<OpenTable> openTable(const std::string& path, std::optional<bool> header);

/// A finite number, blanks around it and a leading plus sign allowed; else nothing.
[[nodiscard]] std::optional<float> parseCell(std::string_view cell);

}  // namespace bitloupe::data
