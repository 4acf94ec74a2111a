// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/data/letters.h"
#include "core/data/recognize_kinds.h"
#include "core/data/table.h"
#include "core/data/table_head.h"

namespace bitloupe::data {

namespace fs = std::filesystem;

namespace {

/// Whether the cells of a column could be classes: texts, or few whole numbers, and no fractions.
Result<bool> couldBeClasses(const std::string& path, std::size_t column) {
    constexpr std::size_t kLooks = 2000;
    constexpr std::size_t kMostClasses = 30;
    Result<OpenTable> table = openTable(path, {});
    if (table.hasError()) {
        return table.error();
    }
    std::set<std::string> seen;
    bool more = table.value().atValues;
    for (std::size_t i = 0; more && i < kLooks; ++i) {
        const std::span<const std::string> cells = table.value().reader.cells();
        const std::optional<float> value =
            column < cells.size() ? parseCell(cells[column]) : std::nullopt;
        if (column >= cells.size() || (value.has_value() && *value != std::floor(*value))) {
            return false;
        }
        seen.insert(cells[column]);
        const Result<bool> next = table.value().reader.next();
        if (next.hasError()) {
            return next.error();
        }
        more = next.value();
    }
    return seen.size() <= kMostClasses;
}

/// A column that people name so; else the last one, or the first where that could be classes and
/// the last could not.
Result<std::string> guessTarget(const TableHead& head, const std::string& path) {
    if (!head.output.empty()) {
        return head.output;
    }
    for (const char* known : {"target", "label", "class", "species", "y"}) {
        for (const std::string& column : head.columns) {
            if (head.hasHeader && lower(column) == known) {
                return column;
            }
        }
    }
    const Result<bool> last = couldBeClasses(path, head.columns.size() - 1);
    if (last.hasError()) {
        return last.error();
    }
    const Result<bool> first = couldBeClasses(path, 0);
    if (first.hasError()) {
        return first.error();
    }
    return !last.value() && first.value() ? head.columns.front() : head.columns.back();
}

/// What the columns of a table hold, from all of its rows.
struct ColumnKinds {
    std::vector<std::string> numbers;
    std::vector<std::string> texts;  ///< few different ones
    bool complete = true;            ///< no empty cell among them
    std::vector<std::string> left;   ///< many different texts: names, not features
};

bool isEmptyCell(const std::string& cell) {
    const std::string text = text::trim(cell);
    return text.empty() || text == "?" || text == "NA" || text == "NaN" || text == "nan";
}

Result<ColumnKinds> columnKinds(const std::string& path, const TableHead& head,
                                const std::string& target) {
    constexpr std::size_t kMostTexts = 30;
    Result<OpenTable> table = openTable(path, {});
    if (table.hasError()) {
        return table.error();
    }
    std::vector<std::set<std::string>> texts(head.columns.size());
    std::vector<bool> empty(head.columns.size(), false);
    bool more = table.value().atValues;
    while (more) {
        const std::span<const std::string> cells = table.value().reader.cells();
        for (std::size_t i = 0; i < std::min(cells.size(), texts.size()); ++i) {
            if (isEmptyCell(cells[i])) {
                empty[i] = true;
            } else if (!parseCell(cells[i]).has_value() && texts[i].size() <= kMostTexts) {
                texts[i].insert(cells[i]);
            }
        }
        const Result<bool> next = table.value().reader.next();
        if (next.hasError()) {
            return next.error();
        }
        more = next.value();
    }
    ColumnKinds kinds;
    for (std::size_t i = 0; i < head.columns.size(); ++i) {
        if (head.columns[i] == target) {
            continue;
        }
        if (texts[i].size() > kMostTexts) {
            kinds.left.push_back(head.columns[i]);
            continue;
        }
        (texts[i].empty() ? kinds.numbers : kinds.texts).push_back(head.columns[i]);
        kinds.complete = kinds.complete && !empty[i];
    }
    return kinds;
}

}  // namespace

Result<DataDescription> describeTable(const std::string& file) {
    const fs::path path(file);
    const Result<TableHead> head = readTableHead(path.string());
    if (head.hasError()) {
        return head.error();
    }
    if (head.value().columns.size() < 2) {
        return Error{"the table has a single column", path.string(),
                     "give columns separated by commas, semicolons or tabs"};
    }
    const Result<std::int64_t> rows = countRows(path.string());
    if (rows.hasError()) {
        return rows.error();
    }
    if (rows.value() == 0) {
        return Error{"the table has no rows of values", path.string(), "check the file"};
    }
    DataDescription description;
    description.kind = "csv";
    description.name = path.stem().string();
    description.folder = fs::absolute(path).parent_path().string();
    description.sources["all"].files["table"] = path.filename().string();
    const Result<std::string> target = guessTarget(head.value(), path.string());
    if (target.hasError()) {
        return target.error();
    }
    description.target = target.value();
    const Result<ColumnKinds> kinds = columnKinds(path.string(), head.value(), target.value());
    if (kinds.hasError()) {
        return kinds.error();
    }
    const bool plain = kinds.value().texts.empty() && kinds.value().left.empty();
    for (const std::string& column : head.value().columns) {
        const auto holds = [&column](const std::vector<std::string>& columns) {
            return std::find(columns.begin(), columns.end(), column) != columns.end();
        };
        const bool isText = holds(kinds.value().texts);
        if (!plain && (isText || holds(kinds.value().numbers))) {
            description.columns.push_back(column);
        }
        if (isText) {
            description.oneHot.push_back(column);
        }
    }
    description.missing = kinds.value().complete ? "" : "drop";
    description.shuffle = 1;  // tables are often sorted by class
    description.scaling = "standardize";
    splitOne(description, "all", rows.value());
    return description;
}

}  // namespace bitloupe::data
