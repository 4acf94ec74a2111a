// SPDX-License-Identifier: Apache-2.0
#include "app/cli/text_table.h"

#include <algorithm>

namespace bitloupe::cli {

namespace {

/// Characters as a terminal shows them: of UTF-8, the bytes that begin one.
std::size_t shownWidth(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char byte) {
        constexpr unsigned kContinuationMask = 0xC0;
        constexpr unsigned kContinuation = 0x80;
        return (byte & kContinuationMask) != kContinuation;
    }));
}

}  // namespace

void printTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
    std::vector<std::size_t> widths(rows.empty() ? 0 : rows.front().size(), 0);
    for (const std::vector<std::string>& row : rows) {
        for (std::size_t column = 0; column < std::min(row.size(), widths.size()); ++column) {
            widths[column] = std::max(widths[column], shownWidth(row[column]));
        }
    }
    for (const std::vector<std::string>& row : rows) {
        std::string line;
        std::size_t blanks = 0;  // owed before the next cell that is not blank
        for (std::size_t column = 0; column < std::min(row.size(), widths.size()); ++column) {
            const std::string& cell = row[column];
            if (!cell.empty()) {
                line += std::string(blanks, ' ') + cell;
                blanks = 0;
            }
            blanks += widths[column] - shownWidth(cell) + 2;
        }
        out << line << '\n';
    }
}

}  // namespace bitloupe::cli
