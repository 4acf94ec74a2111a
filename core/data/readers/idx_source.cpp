// SPDX-License-Identifier: Apache-2.0
#include "core/data/idx.h"
#include "core/data/source.h"

namespace bitloupe::data {
namespace {

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
    return labelsOf(array.value(), path);
}

Result<std::unique_ptr<SampleReader>> openIdxSource(const DataDescription& description,
                                                    const std::string& name) {
    const Result<std::string> path = partPath(description, name, "images");
    if (path.hasError()) {
        return path.error();
    }
    Result<Array> read = readIdx(path.value());
    if (read.hasError()) {
        return read.error();
    }
    Array images = std::move(read).value();
    if (images.shape().size() < 2) {
        return Error{"the file holds 1-dimensional values, not images", path.value(),
                     "swap `images` and `labels` if they are the wrong way round"};
    }
    if (images.shape().size() == 3) {  // networks want a channel axis
        Shape shape = images.shape();
        shape.insert(shape.begin() + 1, 1);
        images = images.reshaped(shape);
    }
    std::vector<std::int64_t> labels;
    const std::string labelPath = optionalPath(description, name, "labels");
    if (!labelPath.empty()) {
        Result<std::vector<std::int64_t>> found = readIdxLabels(labelPath, images.shape().front());
        if (found.hasError()) {
            return found.error();
        }
        labels = std::move(found).value();
    }
    return std::unique_ptr<SampleReader>(std::make_unique<MemoryReader>(
        std::vector<MemoryReader::Input>{{"", images}}, std::move(labels), std::vector<float>()));
}

}  // namespace

Result<Sources> openIdxSources(const DataDescription& description) {
    const std::set<std::string> used = usedSources(description);
    DataDescription alike = description;
    bool labelled = true;
    for (const std::string& name : used) {
        labelled = labelled && !optionalPath(description, name, "labels").empty();
    }
    Sources sources;
    for (const std::string& name : used) {
        if (const auto found = alike.sources.find(name);
            !labelled && found != alike.sources.end()) {
            found->second.files.erase("labels");  // some without labels: all without
        }
        Result<std::unique_ptr<SampleReader>> reader = openIdxSource(alike, name);
        if (reader.hasError()) {
            return reader.error();
        }
        sources.byName.emplace(name, std::move(reader).value());
    }
    sources.task = labelled ? Task::Classification : Task::None;
    return sources;
}

}  // namespace bitloupe::data
