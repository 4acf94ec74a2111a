// SPDX-License-Identifier: Apache-2.0
#include "core/data/source.h"
#include "core/data/table.h"
#include "core/data/targets.h"

namespace bitloupe::data {
namespace {

/// Tables of one data set have the same inputs.
Result<void> checkSameColumns(const std::map<std::string, Table>& tables,
                              const std::map<std::string, std::string>& paths) {
    for (const auto& [name, table] : tables) {
        if (table.columns != tables.begin()->second.columns) {
            return Error{"the input columns differ from those of " + paths.begin()->second,
                         paths.at(name), "give tables with the same columns"};
        }
    }
    return {};
}

}  // namespace

Result<Sources> openTableSources(const DataDescription& description) {
    std::map<std::string, Table> tables;
    std::map<std::string, std::string> paths;
    const TableRequest request{.header = description.header,
                               .target = description.target,
                               .columns = description.columns,
                               .oneHot = description.oneHot,
                               .dropMissing = description.missing == "drop"};
    for (const std::string& name : usedSources(description)) {
        const Result<std::string> path = partPath(description, name, "table");
        if (path.hasError()) {
            return path.error();
        }
        Result<Table> table = readTable(path.value(), request);
        if (table.hasError()) {
            return table.error();
        }
        tables.emplace(name, std::move(table).value());
        paths.emplace(name, path.value());
    }
    const Result<void> same = checkSameColumns(tables, paths);
    if (same.hasError()) {
        return same.error();
    }
    Result<Targets> targets = interpretTargets(tables, description.task, paths);
    if (targets.hasError()) {
        return targets.error();
    }
    Sources sources;
    sources.task = targets.value().task;
    sources.classNames = targets.value().classNames;
    for (auto& [name, table] : tables) {
        if (table.dropped > 0) {
            sources.warnings.push_back(std::to_string(table.dropped) +
                                       " rows with an empty cell were left out of " +
                                       paths.at(name));
        }
        sources.byName[name] = std::make_unique<MemoryReader>(
            std::vector<MemoryReader::Input>{
                {"", table.inputs, ElementType::Float32, std::move(table.marks)}},
            std::move(targets.value().labels[name]), std::move(targets.value().values[name]));
    }
    return sources;
}

}  // namespace bitloupe::data
