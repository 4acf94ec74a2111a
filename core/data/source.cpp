// SPDX-License-Identifier: Apache-2.0
#include "core/data/source.h"

#include <cmath>
#include <filesystem>

namespace bitloupe::data {

std::set<std::string> usedSources(const DataDescription& description) {
    std::set<std::string> used;
    for (const auto& [role, split] : description.splits) {
        used.insert(split.source);
    }
    return used;
}

std::string pathOf(const DataDescription& description, const std::string& file) {
    const std::filesystem::path path(file);
    return path.is_absolute() || description.folder.empty()
               ? file
               : (std::filesystem::path(description.folder) / path).string();
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

std::string optionalPath(const DataDescription& description, const std::string& source,
                         const std::string& part) {
    const Result<std::string> path = partPath(description, source, part);
    return path.hasError() ? std::string() : path.value();
}

Result<std::vector<std::int64_t>> labelsOf(const Array& array, const std::string& path,
                                           bool someIgnored) {
    const Array numbers = converted(array, ElementType::Float64);
    std::vector<std::int64_t> labels;
    labels.reserve(static_cast<std::size_t>(numbers.size()));
    for (const double value : numbers.as<double>()) {
        const std::string where = path + ", sample " + std::to_string(labels.size());
        if (!(std::abs(value) < 1e9) || value != std::floor(value)) {
            return Error{"a label is not a whole number", where,
                         "give class numbers from 0 on, or set `task: regression`"};
        }
        if (value < 0 && !(someIgnored && value == static_cast<double>(kIgnoredLabel))) {
            return Error{
                "the label " + std::to_string(static_cast<std::int64_t>(value)) + " is negative",
                where, "labels are class numbers from 0 on"};
        }
        labels.push_back(static_cast<std::int64_t>(value));
    }
    return labels;
}

Result<Sources> openSources(const DataDescription& description) {
    if (description.kind == "idx") {
        return openIdxSources(description);
    }
    if (description.kind == "csv") {
        return openTableSources(description);
    }
    if (description.kind == "cifar") {
        return openCifarSources(description);
    }
    if (description.kind == "arrays") {
        return openArraySources(description);
    }
    if (description.kind == "hdf5") {
        return openHdf5Sources(description);
    }
    if (description.kind == "images") {
        return openImageSources(description);
    }
    if (description.kind == "text") {
        return openTextSources(description);
    }
    return Error{"unknown kind of data `" + description.kind + "`", "data.kind",
                 "give idx, csv, cifar, arrays, hdf5, images or text"};
}

}  // namespace bitloupe::data
