// SPDX-License-Identifier: Apache-2.0
#include "core/data/csv.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bitloupe::data {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16U;

char mostFrequentSeparator(std::string_view text) {
    const std::string_view separators = ",;\t ";
    std::array<std::int64_t, 4> counts{};
    bool inQuotes = false;
    for (const char c : text) {
        inQuotes = c == '"' ? !inQuotes : inQuotes;
        if (c == '\n' && !inQuotes) {
            break;
        }
        const std::size_t found = separators.find(c);
        if (found != std::string_view::npos && !inQuotes) {
            ++counts[found];
        }
    }
    const bool head = text.starts_with('@') || text.starts_with('%');  // of KEEL and ARFF
    if (counts[0] + counts[1] + counts[2] > 0 || head) {
        counts[3] = 0;  // blanks stand inside cells
    }
    return separators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                               counts.begin())];
}

}  // namespace

std::string CsvReader::whereLine(std::int64_t line) const {
    return path() + ", line " + std::to_string(line);
}

Result<CsvReader> CsvReader::open(const std::string& path) {
    Result<ByteReader> bytes = ByteReader::open(path);
    if (bytes.hasError()) {
        return bytes.error();
    }
    CsvReader reader(std::move(bytes).value());
    const Result<void> started = reader.start();
    return started.hasError() ? Result<CsvReader>(started.error())
                              : Result<CsvReader>(std::move(reader));
}

Result<void> CsvReader::start() {
    const Result<void> filled = fill();
    if (filled.hasError()) {
        return filled;
    }
    const std::string_view text(m_buffer.data(), m_buffer.size());
    if (text.starts_with("\xEF\xBB\xBF")) {
        m_front = 3;
    }
    m_separator = mostFrequentSeparator(text);
    return {};
}

Result<void> CsvReader::fill() {
    m_buffer.resize(kBufferBytes);
    m_front = 0;
    const Result<std::size_t> got = m_reader.read(std::as_writable_bytes(std::span(m_buffer)));
    if (got.hasError()) {
        return got.error();
    }
    m_buffer.resize(got.value());
    return {};
}

Result<int> CsvReader::peek() {
    if (m_front == m_buffer.size()) {
        const Result<void> filled = fill();
        if (filled.hasError()) {
            return filled.error();
        }
    }
    return m_buffer.empty() ? -1 : static_cast<int>(static_cast<unsigned char>(m_buffer[m_front]));
}

Result<void> CsvReader::append(std::string& cell, char c) const {
    if (c == '\0') {
        return Error{"the file holds a zero byte, so it is not text", whereLine(m_line),
                     "give a CSV file"};
    }
    if (cell.size() == kMaximumCellBytes) {
        return Error{"a cell is longer than 1 MiB", where(), "check the quotes in this line"};
    }
    cell += c;
    return {};
}

Result<std::string*> CsvReader::newCell() {
    if (m_count == kMaximumColumns) {
        return Error{"a row has more than 65,536 cells", where(),
                     "give a table with fewer columns"};
    }
    if (m_count == m_cells.size()) {
        m_cells.emplace_back();
    }
    m_cells[m_count].clear();
    return &m_cells[m_count++];
}

Result<bool> CsvReader::skipBlanks() {
    while (true) {
        const Result<int> next = peek();
        if (next.hasError()) {
            return next.error();
        }
        if (next.value() != ' ' && next.value() != '\r') {
            return next.value() >= 0 && next.value() != '\n';
        }
        ++m_front;
    }
}

Result<void> CsvReader::readQuoted(std::string& cell) {
    const std::int64_t openedLine = m_line;
    ++m_front;  // the opening quote
    while (true) {
        const Result<int> c = peek();
        if (c.hasError()) {
            return c.error();
        }
        if (c.value() < 0) {
            return Error{"a quote is never closed", whereLine(openedLine), "close it"};
        }
        ++m_front;
        if (c.value() == '"') {
            const Result<int> after = peek();
            if (after.hasError()) {
                return after.error();
            }
            if (after.value() != '"') {
                return {};
            }
            ++m_front;
        }
        m_line += c.value() == '\n' ? 1 : 0;
        Result<void> added = append(cell, static_cast<char>(c.value()));
        if (added.hasError()) {
            return added;
        }
    }
}

Result<bool> CsvReader::readRow() {
    m_count = 0;
    m_rowLine = m_line;
    Result<std::string*> cell = newCell();
    bool closed = false;  // the cell ended with a quote
    if (const Result<bool> start = m_separator == ' ' ? skipBlanks() : Result<bool>(true);
        start.hasError()) {
        return start.error();
    }
    while (true) {
        const Result<int> next = peek();
        if (next.hasError()) {
            return next.error();
        }
        if (next.value() < 0) {
            return m_count > 1 || closed || !m_cells.front().empty();
        }
        const char c = static_cast<char>(next.value());
        Result<void> step;
        if (c == '"' && cell.value()->empty() && !closed) {
            step = readQuoted(*cell.value());
            closed = true;
        } else if (c == m_separator || c == '\n') {
            ++m_front;
            std::string& text = *cell.value();
            if (c == '\n') {
                ++m_line;
                if (!closed && text.ends_with('\r')) {
                    text.pop_back();
                }
                return true;
            }
            if (c == ' ') {
                const Result<bool> more = skipBlanks();
                if (more.hasError()) {
                    return more.error();
                }
                if (!more.value()) {
                    continue;
                }
            }
            cell = newCell();
            if (cell.hasError()) {
                return cell.error();
            }
            closed = false;
        } else if (closed && c != '\r' && c != ' ') {
            return Error{"text follows a closing quote", whereLine(m_line),
                         "double quotes inside quotes"};
        } else {
            ++m_front;
            step = closed ? Result<void>() : append(*cell.value(), c);
        }
        if (step.hasError()) {
            return step.error();
        }
    }
}

Result<bool> CsvReader::next() {
    while (true) {
        Result<bool> row = readRow();
        if (row.hasError() || !row.value()) {
            return row;
        }
        const bool blank =
            m_count == 1 && m_cells.front().find_first_not_of(" \r\t") == std::string::npos;
        if (!blank) {
            return true;
        }
        const Result<int> more = peek();
        if (more.hasError()) {
            return more.error();
        }
        if (more.value() < 0) {
            return false;
        }
    }
}

}  // namespace bitloupe::data
