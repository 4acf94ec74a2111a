// SPDX-License-Identifier: Apache-2.0
#include "core/data/table_head.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/text.h"
#include "core/data/letters.h"

namespace bitloupe::data {
namespace {

/// The words of a line that the CSV reader cut at commas.
std::vector<std::string> words(std::span<const std::string> cells) {
    std::vector<std::string> words;
    for (const std::string& cell : cells) {
        for (const std::string& word : text::split(text::trim(cell), ' ')) {
            if (!text::trim(word).empty()) {
                words.push_back(text::trim(word));
            }
        }
    }
    return words;
}

/// `@attribute NAME real[0,1]` ... `@outputs NAME`, `@data`: the head of KEEL and ARFF files.
Result<void> readAttributes(OpenTable& table) {
    std::string last;
    while (table.atValues && last != "@data") {
        const std::vector<std::string> line = words(table.reader.cells());
        last = line.empty() ? "" : lower(line.front());
        if (last == "@attribute" && line.size() > 1) {
            // KEEL also writes the type without a blank: `name{a, b}`.
            table.head.columns.push_back(line[1].substr(0, line[1].find('{')));
        } else if ((last == "@outputs" || last == "@output") && line.size() > 1) {
            table.head.output = line[1];
        } else if (!last.starts_with('@') && !last.starts_with('%')) {
            return Error{"values begin before a line `@data`", table.reader.where(),
                         "end the head with `@data`"};
        }
        const Result<bool> next = table.reader.next();
        if (next.hasError()) {
            return next.error();
        }
        table.atValues = next.value();
    }
    if (last != "@data" || table.head.columns.empty()) {
        return Error{"the head has no `@data` line or no `@attribute`", table.reader.path(),
                     "give a whole KEEL or ARFF file"};
    }
    table.head.hasHeader = true;
    return {};
}

bool looksLikeHeader(std::span<const std::string> cells) {
    return std::none_of(cells.begin(), cells.end(),
                        [](const std::string& cell) { return parseCell(cell).has_value(); });
}

Result<void> readNames(OpenTable& table) {
    std::set<std::string> seen;
    for (const std::string& cell : table.reader.cells()) {
        const std::string name = text::trim(cell);
        if (!name.empty() && !seen.insert(name).second) {
            return Error{"the column name `" + name + "` is given twice", table.reader.where(),
                         "rename one of them"};
        }
        table.head.columns.push_back(name.empty() ? std::to_string(table.head.columns.size() + 1)
                                                  : name);
    }
    table.head.hasHeader = true;
    const Result<bool> next = table.reader.next();
    if (next.hasError()) {
        return next.error();
    }
    table.atValues = next.value();
    return {};
}

Result<void> readHead(OpenTable& table, std::optional<bool> header) {
    const std::span<const std::string> cells = table.reader.cells();
    const std::string first = text::trim(cells.front());
    if (first.starts_with('@') || first.starts_with('%')) {
        return readAttributes(table);
    }
    if (header.value_or(looksLikeHeader(cells))) {
        return readNames(table);
    }
    for (std::size_t i = 1; i <= cells.size(); ++i) {
        table.head.columns.push_back(std::to_string(i));
    }
    return {};
}

}  // namespace

std::optional<float> parseCell(std::string_view cell) {
    const std::size_t first = cell.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) {
        return std::nullopt;
    }
    cell = cell.substr(first, cell.find_last_not_of(" \t\r") - first + 1);
    const bool plus = cell.size() > 1 && cell[0] == '+' && cell[1] != '-';
    const std::optional<double> value = text::parseNumber(cell.substr(plus ? 1 : 0));
    const float narrow = value.has_value() ? static_cast<float>(*value) : 0.0F;
    return value.has_value() && std::isfinite(narrow) ? std::optional<float>(narrow) : std::nullopt;
}

Result<OpenTable> openTable(const std::string& path, std::optional<bool> header) {
    Result<CsvReader> reader = CsvReader::open(path);
    if (reader.hasError()) {
        return reader.error();
    }
    OpenTable table{.reader = std::move(reader).value(), .head = {}, .atValues = false};
    const Result<bool> first = table.reader.next();
    if (first.hasError()) {
        return first.error();
    }
    if (!first.value()) {
        return Error{"the table has no rows", path, "check the file"};
    }
    table.atValues = true;
    const Result<void> head = readHead(table, header);
    if (head.hasError()) {
        return head.error();
    }
    table.head.bodyLine = table.reader.line();
    return table;
}

}  // namespace bitloupe::data
