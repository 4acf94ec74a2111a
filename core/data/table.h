// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::data {

/// What is known of a table without reading all of it.
struct TableHead {
    std::vector<std::string> columns;  ///< names from the header; "1", "2", ... without one
    bool hasHeader = false;
    std::string output;         ///< KEEL and ARFF: the column that `@outputs` names; may be empty
    std::int64_t bodyLine = 1;  ///< line of the first row of values
};

/// Which columns to take.
struct TableRequest {
    std::optional<bool> header;        ///< nothing: look
    std::string target;                ///< name or number of the label column; empty: none
    std::vector<std::string> columns;  ///< inputs; empty: all but the target
    /// Inputs that hold texts: each becomes one column of 0 and 1 for every text that occurs, in
    /// ascending order.
    std::vector<std::string> oneHot = {};
    bool dropMissing = false;  ///< leave rows out that have an empty cell (or `?`, `NA`, `NaN`)
};

struct Table {
    Array inputs;                      ///< Float32, rows x columns
    std::vector<std::string> columns;  ///< of the inputs; `Geography=France` for one of a text
    /// Input columns of 0 and 1, which no scaling is fitted to.
    std::vector<std::int64_t> marks = {};
    std::int64_t dropped = 0;          ///< rows left out
    std::vector<std::string> targets;  ///< as written, trimmed; one a row, or empty
    std::vector<std::int64_t> lines;   ///< where each row begins
};

/// CSV as CsvReader says, or KEEL `.dat` and ARFF (lines with `@` up to `@data`).
/// A header is recognised when no cell of the first row is a number.
[[nodiscard]] Result<TableHead> readTableHead(const std::string& path,
                                              std::optional<bool> header = {});
/// Errors: no rows, rows of different lengths, an empty or non-numeric input cell (line and column
/// named), an unknown column, more than 2^28 values.
[[nodiscard]] Result<Table> readTable(const std::string& path, const TableRequest& request);
/// Rows of values.
[[nodiscard]] Result<std::int64_t> countRows(const std::string& path,
                                             std::optional<bool> header = {});

}  // namespace bitloupe::data
