// SPDX-License-Identifier: Apache-2.0
#include "core/data/source.h"

#include <filesystem>
#include <set>

#include "core/data/idx.h"
#include "core/data/table.h"
#include "core/data/targets.h"

namespace bitloupe::data {
namespace {

std::set<std::string> usedSources(const DataDescription& description) {
    std::set<std::string> used;
    for (const auto& [role, split] : description.splits) {
        used.insert(split.source);
    }
    return used;
}

Result<std::string> partPath(const DataDescription& description, const std::string& source,
                             const std::string& part) {
    const auto found = description.sources.find(source);
    if (found == description.sources.end()) {
        return Error{"there is no source `" + source + "`", "data.splits",
                     "name one of data.sources"};
    }
    const auto file = found->second.files.find(part);
    if (file == found->second.files.end()) {
        return Error{"the source has no `" + part + "`", "data.sources." + source,
                     "give the file that holds them"};
    }
    return pathOf(description, file->second);
}

template <typename T>
Result<std::vector<std::int64_t>> labelsOf(const Array& array, const std::string& path) {
    std::vector<std::int64_t> labels;
    labels.reserve(static_cast<std::size_t>(array.size()));
    for (const T value : array.as<T>()) {
        if constexpr (std::is_signed_v<T>) {
            if (value < 0) {
                return Error{"the label " + std::to_string(value) + " is negative",
                             path + ", sample " + std::to_string(labels.size()),
                             "labels are class numbers from 0 on"};
            }
        }
        labels.push_back(static_cast<std::int64_t>(value));
    }
    return labels;
}

Result<std::vector<std::int64_t>> readIdxLabels(const std::string& path, std::int64_t samples) {
    const Result<Array> array = readIdx(path);
    if (array.hasError()) {
        return array.error();
    }
    if (array.value().shape().size() != 1) {
        return Error{"the file holds " + std::to_string(array.value().shape().size()) +
                         "-dimensional values, not labels",
                     path, "swap `images` and `labels` if they are the wrong way round"};
    }
    if (array.value().size() != samples) {
        return Error{"there are " + std::to_string(array.value().size()) + " labels for " +
                         std::to_string(samples) + " images",
                     path, "give the labels that belong to these images"};
    }
    switch (array.value().type()) {
        case ElementType::Uint8:
            return labelsOf<std::uint8_t>(array.value(), path);
        case ElementType::Int8:
            return labelsOf<std::int8_t>(array.value(), path);
        case ElementType::Int16:
            return labelsOf<std::int16_t>(array.value(), path);
        case ElementType::Int32:
            return labelsOf<std::int32_t>(array.value(), path);
        default:
            return Error{"labels of type " + std::string(elementTypeName(array.value().type())),
                         path, "labels are whole numbers"};
    }
}

Result<Source> readIdxSource(const DataDescription& description, const std::string& name) {
    const Result<std::string> path = partPath(description, name, "images");
    if (path.hasError()) {
        return path.error();
    }
    Result<Array> images = readIdx(path.value());
    if (images.hasError()) {
        return images.error();
    }
    Source source;
    source.values = std::move(images).value();
    if (source.values.shape().size() < 2) {
        return Error{"the file holds 1-dimensional values, not images", path.value(),
                     "swap `images` and `labels` if they are the wrong way round"};
    }
    if (source.values.shape().size() == 3) {  // networks want a channel axis
        Shape shape = source.values.shape();
        shape.insert(shape.begin() + 1, 1);
        source.values = source.values.reshaped(shape);
    }
    if (description.sources.at(name).files.contains("labels")) {
        Result<std::vector<std::int64_t>> labels = readIdxLabels(
            partPath(description, name, "labels").value(), source.values.shape().front());
        if (labels.hasError()) {
            return labels.error();
        }
        source.labels = std::move(labels).value();
    }
    return source;
}

Result<Sources> readIdxSources(const DataDescription& description) {
    Sources sources;
    bool labelled = true;
    for (const std::string& name : usedSources(description)) {
        Result<Source> source = readIdxSource(description, name);
        if (source.hasError()) {
            return source.error();
        }
        labelled = labelled && !source.value().labels.empty();
        sources.byName.emplace(name, std::move(source).value());
    }
    sources.task = labelled ? Task::Classification : Task::None;
    for (auto& [name, source] : sources.byName) {
        source.labels.resize(labelled ? source.labels.size() : 0);
    }
    return sources;
}

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

Result<Sources> readTableSources(const DataDescription& description) {
    std::map<std::string, Table> tables;
    std::map<std::string, std::string> paths;
    const TableRequest request{
        .header = description.header, .target = description.target, .columns = description.columns};
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
    Sources sources{
        .byName = {}, .task = targets.value().task, .classNames = targets.value().classNames};
    for (auto& [name, table] : tables) {
        sources.byName[name] = {.values = table.inputs,
                                .labels = std::move(targets.value().labels[name]),
                                .targets = std::move(targets.value().values[name])};
    }
    return sources;
}

}  // namespace

std::string pathOf(const DataDescription& description, const std::string& file) {
    const std::filesystem::path path(file);
    return path.is_absolute() || description.folder.empty()
               ? file
               : (std::filesystem::path(description.folder) / path).string();
}

Result<Sources> readSources(const DataDescription& description) {
    if (description.kind == "idx") {
        return readIdxSources(description);
    }
    if (description.kind == "csv") {
        return readTableSources(description);
    }
    return Error{"unknown kind of data `" + description.kind + "`", "data.kind", "give idx or csv"};
}

}  // namespace bitloupe::data
