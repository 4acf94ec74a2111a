// SPDX-License-Identifier: Apache-2.0
#include "core/data/targets.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/base/text.h"
#include "core/data/table_head.h"

namespace bitloupe::data {
namespace {

constexpr std::size_t kMostGuessedClasses = 100;
constexpr std::size_t kMostClasses = 100'000;

bool isWhole(double value) {
    return value == std::floor(value) && std::abs(value) < 1e15;
}

struct Distinct {
    std::vector<std::string> texts;  ///< at most kMostClasses + 1 of them
    bool numeric = true;
    bool whole = true;
};

Distinct distinctTargets(const std::map<std::string, Table>& tables) {
    std::unordered_set<std::string> seen;
    Distinct distinct;
    for (const auto& [name, table] : tables) {
        for (const std::string& target : table.targets) {
            if (seen.size() > kMostClasses || !seen.insert(target).second) {
                continue;
            }
            const std::optional<float> value = parseCell(target);
            distinct.numeric = distinct.numeric && value.has_value();
            distinct.whole = distinct.whole && value.has_value() && isWhole(*value);
        }
    }
    distinct.texts.assign(seen.begin(), seen.end());
    return distinct;
}

/// Class index by text; equal numbers written differently (`1`, `1.0`) are one class.
struct Classes {
    std::unordered_map<std::string, std::int64_t> index;
    std::vector<std::string> names;
};

Classes numericClasses(const Distinct& distinct) {
    std::set<double> values;
    for (const std::string& text : distinct.texts) {
        values.insert(*parseCell(text));
    }
    Classes classes;
    const bool direct = distinct.whole && *values.begin() == 0 &&
                        *values.rbegin() < static_cast<double>(kMostClasses);
    for (const std::string& text : distinct.texts) {
        const double value = *parseCell(text);
        classes.index[text] = direct ? static_cast<std::int64_t>(value)
                                     : std::distance(values.begin(), values.find(value));
    }
    for (const double value : values) {
        if (!direct) {
            classes.names.push_back(text::number(value));
        }
    }
    for (std::int64_t i = 0; direct && i <= static_cast<std::int64_t>(*values.rbegin()); ++i) {
        classes.names.push_back(std::to_string(i));
    }
    return classes;
}

Classes textClasses(const Distinct& distinct) {
    Classes classes{.index = {}, .names = distinct.texts};
    std::sort(classes.names.begin(), classes.names.end());
    for (std::size_t i = 0; i < classes.names.size(); ++i) {
        classes.index[classes.names[i]] = static_cast<std::int64_t>(i);
    }
    return classes;
}

Result<Targets> regression(const std::map<std::string, Table>& tables,
                           const std::map<std::string, std::string>& paths) {
    Targets targets{.task = Task::Regression, .classNames = {}, .labels = {}, .values = {}};
    for (const auto& [name, table] : tables) {
        std::vector<float>& values = targets.values[name];
        for (std::size_t i = 0; i < table.targets.size(); ++i) {
            const std::optional<float> value = parseCell(table.targets[i]);
            if (!value.has_value()) {
                return Error{
                    "the target `" + table.targets[i].substr(0, 40) + "` is not a finite number",
                    paths.at(name) + ", line " + std::to_string(table.lines[i]),
                    "remove the row, or set `task: classification`"};
            }
            values.push_back(*value);
        }
    }
    return targets;
}

}  // namespace

Result<Targets> interpretTargets(const std::map<std::string, Table>& tables,
                                 const std::string& task,
                                 const std::map<std::string, std::string>& paths) {
    const Distinct distinct = distinctTargets(tables);
    if (distinct.texts.empty()) {
        return Targets{};
    }
    const bool fewWhole = distinct.whole && distinct.texts.size() <= kMostGuessedClasses;
    if (task == "regression" || (task.empty() && distinct.numeric && !fewWhole)) {
        return regression(tables, paths);
    }
    if (distinct.texts.size() > kMostClasses ||
        (task.empty() && distinct.texts.size() > kMostGuessedClasses)) {
        return Error{
            "the target column has " + std::to_string(distinct.texts.size()) + " different values",
            paths.begin()->second, "choose another target column, or set `task` to say what it is"};
    }
    const Classes classes = distinct.numeric ? numericClasses(distinct) : textClasses(distinct);
    Targets targets{
        .task = Task::Classification, .classNames = classes.names, .labels = {}, .values = {}};
    for (const auto& [name, table] : tables) {
        std::vector<std::int64_t>& labels = targets.labels[name];
        for (const std::string& target : table.targets) {
            labels.push_back(classes.index.at(target));
        }
    }
    return targets;
}

}  // namespace bitloupe::data
