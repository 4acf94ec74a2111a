// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/data/byte_reader.h"

namespace bitloupe::data {

/// Reads rows of a CSV file (RFC 4180: cells in double quotes may hold separators, line ends and
/// doubled quotes), gzipped or not, one at a time. Lines end with LF or CRLF; a byte order mark and
/// blank lines are skipped. The separator is the one of `,` `;` and tab that the first row holds
/// most; where it holds none of them, runs of blanks.
class CsvReader {
public:
    static constexpr std::size_t kMaximumColumns = 65'536;
    static constexpr std::size_t kMaximumCellBytes = std::size_t{1} << 20U;

    [[nodiscard]] static Result<CsvReader> open(const std::string& path);

    /// Reads the next row into cells(); false at the end. Errors: a quote that is never closed,
    /// text after a closing quote, a zero byte, more than kMaximumColumns cells or
    /// kMaximumCellBytes in one.
    [[nodiscard]] Result<bool> next();
    [[nodiscard]] std::span<const std::string> cells() const { return {m_cells.data(), m_count}; }
    /// Where the current row begins, from 1.
    [[nodiscard]] std::int64_t line() const { return m_rowLine; }
    [[nodiscard]] const std::string& path() const { return m_reader.path(); }
    [[nodiscard]] std::string where() const { return whereLine(m_rowLine); }
    [[nodiscard]] std::string whereLine(std::int64_t line) const;

private:
    explicit CsvReader(ByteReader reader) : m_reader(std::move(reader)) {}
    Result<void> start();
    Result<void> fill();
    /// The byte at the front, or -1 at the end of the file.
    Result<int> peek();
    Result<bool> readRow();
    Result<void> readQuoted(std::string& cell);
    Result<void> append(std::string& cell, char c) const;
    Result<std::string*> newCell();
    /// Skips blanks that only separate; whether a cell follows them in this row.
    Result<bool> skipBlanks();

    ByteReader m_reader;
    std::vector<char> m_buffer;
    std::size_t m_front = 0;
    char m_separator = ',';
    std::vector<std::string> m_cells;  // reused from row to row
    std::size_t m_count = 0;
    std::int64_t m_line = 1;
    std::int64_t m_rowLine = 1;
};

}  // namespace bitloupe::data
