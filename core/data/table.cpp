// SPDX-License-Identifier: Apache-2.0
#include "core/data/table.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/data/csv.h"
#include "core/data/table_head.h"

namespace bitloupe::data {
namespace {

constexpr std::size_t kMaximumValues = std::size_t{1} << 28U;

/// Where the wanted columns are.
struct Selection {
    std::vector<std::size_t> inputs;
    std::set<std::size_t> texts;  ///< inputs of which every text becomes a column
    std::optional<std::size_t> target;
};

Result<std::size_t> findColumn(const TableHead& head, const std::string& wanted,
                               const std::string& path) {
    const auto found = std::find(head.columns.begin(), head.columns.end(), wanted);
    if (found != head.columns.end()) {
        return static_cast<std::size_t>(found - head.columns.begin());
    }
    const std::optional<std::int64_t> number = text::parseInteger(wanted);
    if (number.has_value() && *number >= 1 &&
        *number <= static_cast<std::int64_t>(head.columns.size())) {
        return static_cast<std::size_t>(*number - 1);
    }
    const std::string near = text::nearest(wanted, head.columns);
    return Error{
        "there is no column `" + wanted + "`", path,
        !near.empty() ? "did you mean `" + near + "`?"
        : head.hasHeader
            ? "name one of its " + std::to_string(head.columns.size()) + " columns"
            : "it has no header: give a number from 1 to " + std::to_string(head.columns.size())};
}

Result<Selection> select(const TableHead& head, const TableRequest& request,
                         const std::string& path) {
    Selection selection;
    if (!request.target.empty()) {
        const Result<std::size_t> target = findColumn(head, request.target, path);
        if (target.hasError()) {
            return target.error();
        }
        selection.target = target.value();
    }
    for (const std::string& name : request.columns) {
        const Result<std::size_t> column = findColumn(head, name, path);
        if (column.hasError()) {
            return column.error();
        }
        if (column.value() == selection.target) {
            return Error{"column `" + name + "` is the target and an input", path,
                         "take it out of the inputs: the network would see the answer"};
        }
        selection.inputs.push_back(column.value());
    }
    for (std::size_t i = 0; request.columns.empty() && i < head.columns.size(); ++i) {
        if (i != selection.target) {
            selection.inputs.push_back(i);
        }
    }
    if (selection.inputs.empty()) {
        return Error{"the table has no input columns beside its target", path,
                     "give a table with more columns"};
    }
    for (const std::string& name : request.oneHot) {
        const Result<std::size_t> column = findColumn(head, name, path);
        if (column.hasError()) {
            return column.error();
        }
        if (std::find(selection.inputs.begin(), selection.inputs.end(), column.value()) ==
            selection.inputs.end()) {
            return Error{"column `" + name + "` is under `one_hot` and is no input", path,
                         "add it to `columns`"};
        }
        selection.texts.insert(column.value());
    }
    return selection;
}

Error notANumber(const CsvReader& reader, const TableHead& head, std::size_t column,
                 const std::string& cell) {
    const std::string shown = cell.substr(0, 40);
    return {cell.empty() ? "the cell is empty" : "`" + shown + "` is not a finite number",
            reader.where() + ", column " + head.columns[column],
            cell.empty() ? "set `missing: drop` to leave such rows out"
                         : "list the numeric columns under `columns`, those of texts also under "
                           "`one_hot`"};
}

bool isMissing(const std::string& cell) {
    return cell.empty() || cell == "?" || cell == "NA" || cell == "NaN" || cell == "nan";
}

/// The texts of one column, numbered as they come.
class Texts {
public:
    /// Nothing when there are too many different ones.
    std::optional<float> numberOf(const std::string& text) {
        const auto found = m_numbers.try_emplace(text, m_numbers.size()).first;
        return m_numbers.size() > kMost ? std::nullopt
                                        : std::optional<float>(static_cast<float>(found->second));
    }
    [[nodiscard]] std::size_t count() const { return m_numbers.size(); }
    /// In ascending order.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& [name, number] : m_numbers) {
            names.push_back(name);
        }
        return names;
    }
    /// The place of each number among the names.
    [[nodiscard]] std::vector<std::size_t> places() const {
        std::vector<std::size_t> places(m_numbers.size());
        std::size_t place = 0;
        for (const auto& [name, number] : m_numbers) {
            places[number] = place++;
        }
        return places;
    }

private:
    static constexpr std::size_t kMost = 1000;
    std::map<std::string, std::size_t> m_numbers;
};

/// Rows in, columns picked and parsed.
class TableBuilder {
public:
    TableBuilder(const TableHead& head, Selection selection, bool dropMissing)
        : m_head(head),
          m_selection(std::move(selection)),
          m_dropMissing(dropMissing),
          m_texts(m_head.columns.size()) {}

    Result<void> add(const CsvReader& reader) {
        const std::span<const std::string> cells = reader.cells();
        if (cells.size() != m_head.columns.size()) {
            return Error{"the row has " + std::to_string(cells.size()) + " cells, the others " +
                             std::to_string(m_head.columns.size()),
                         reader.where(), "mend or remove the row"};
        }
        if (m_dropMissing && lacksACell(cells)) {
            ++m_table.dropped;
            return {};
        }
        if (m_values.size() + m_selection.inputs.size() > kMaximumValues) {
            return Error{"the table has more than 268 million values", reader.where(),
                         "take fewer columns or rows"};
        }
        for (const std::size_t column : m_selection.inputs) {
            const bool text = m_selection.texts.contains(column);
            const std::string trimmed = text ? text::trim(cells[column]) : std::string();
            const std::optional<float> value =
                text ? m_texts[column].numberOf(trimmed) : parseCell(cells[column]);
            if (!value.has_value() && text) {
                return Error{
                    "column " + m_head.columns[column] + " has more than 1000 different texts",
                    reader.where(), "take it out of `one_hot` and of `columns`"};
            }
            if (!value.has_value()) {
                return notANumber(reader, m_head, column, text::trim(cells[column]));
            }
            m_values.push_back(*value);
        }
        if (m_selection.target.has_value()) {
            m_table.targets.push_back(text::trim(cells[*m_selection.target]));
            if (m_table.targets.back().empty()) {
                return notANumber(reader, m_head, *m_selection.target, "");
            }
        }
        m_table.lines.push_back(reader.line());
        return {};
    }

    Result<Table> finish(const std::string& path) {
        if (m_table.lines.empty()) {
            return Error{"the table has no rows of values", path, "check the file"};
        }
        for (const std::size_t column : m_selection.inputs) {
            const std::string& name = m_head.columns[column];
            if (!m_selection.texts.contains(column)) {
                m_table.columns.push_back(name);
            }
            for (const std::string& text : m_texts[column].names()) {
                m_table.marks.push_back(static_cast<std::int64_t>(m_table.columns.size()));
                m_table.columns.push_back(name + "=" + text);
            }
        }
        if (m_table.columns.size() > kMaximumValues / m_table.lines.size()) {
            return Error{"the table has more than 268 million values", path,
                         "take fewer columns or rows"};
        }
        const Shape shape = {static_cast<std::int64_t>(m_table.lines.size()),
                             static_cast<std::int64_t>(m_table.columns.size())};
        m_table.inputs = Array::of<float>(shape, m_selection.texts.empty() ? m_values : spread());
        return std::move(m_table);
    }

private:
    [[nodiscard]] bool lacksACell(std::span<const std::string> cells) const {
        const auto missing = [&](std::size_t column) {
            return isMissing(text::trim(cells[column]));
        };
        return std::any_of(m_selection.inputs.begin(), m_selection.inputs.end(), missing) ||
               (m_selection.target.has_value() && missing(*m_selection.target));
    }

    /// The values with every number of a text turned into a row of 0 and 1.
    [[nodiscard]] std::vector<float> spread() const {
        std::vector<std::vector<std::size_t>> places;
        for (const Texts& texts : m_texts) {
            places.push_back(texts.places());
        }
        std::vector<float> values;
        values.reserve(m_table.lines.size() * m_table.columns.size());
        for (std::size_t i = 0; i < m_values.size(); ++i) {
            const std::size_t column = m_selection.inputs[i % m_selection.inputs.size()];
            if (!m_selection.texts.contains(column)) {
                values.push_back(m_values[i]);
                continue;
            }
            const std::size_t start = values.size();
            values.resize(start + places[column].size(), 0.0F);
            values[start + places[column][static_cast<std::size_t>(m_values[i])]] = 1.0F;
        }
        return values;
    }

    const TableHead& m_head;
    Selection m_selection;
    bool m_dropMissing;
    std::vector<Texts> m_texts;  ///< by column of the file
    std::vector<float> m_values;
    Table m_table;
};

}  // namespace

Result<TableHead> readTableHead(const std::string& path, std::optional<bool> header) {
    Result<OpenTable> table = openTable(path, header);
    return table.hasError() ? table.error() : Result<TableHead>(std::move(table).value().head);
}

Result<Table> readTable(const std::string& path, const TableRequest& request) {
    Result<OpenTable> opened = openTable(path, request.header);
    if (opened.hasError()) {
        return opened.error();
    }
    OpenTable& table = opened.value();
    Result<Selection> selection = select(table.head, request, path);
    if (selection.hasError()) {
        return selection.error();
    }
    TableBuilder builder(table.head, std::move(selection).value(), request.dropMissing);
    bool more = table.atValues;
    while (more) {
        const Result<void> added = builder.add(table.reader);
        if (added.hasError()) {
            return added.error();
        }
        const Result<bool> next = table.reader.next();
        if (next.hasError()) {
            return next.error();
        }
        more = next.value();
    }
    return builder.finish(path);
}

Result<std::int64_t> countRows(const std::string& path, std::optional<bool> header) {
    Result<OpenTable> opened = openTable(path, header);
    if (opened.hasError()) {
        return opened.error();
    }
    std::int64_t rows = 0;
    bool more = opened.value().atValues;
    while (more) {
        ++rows;
        const Result<bool> next = opened.value().reader.next();
        if (next.hasError()) {
            return next.error();
        }
        more = next.value();
    }
    return rows;
}

}  // namespace bitloupe::data
