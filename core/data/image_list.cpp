// SPDX-License-Identifier: Apache-2.0
#include "core/data/image_list.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "core/base/text.h"
#include "core/data/image/image.h"
#include "core/data/letters.h"
#include "core/data/source.h"
#include "core/data/table_head.h"

namespace bitloupe::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostImages = 1'000'000;

/// Labels by the names of the files.
struct LabelTable {
    std::map<std::string, std::int64_t> labels;
    std::vector<std::string> classNames;
};

/// The column whose name is one of `known`; else `fallback`.
std::size_t columnNamed(const TableHead& head, const std::vector<std::string>& known,
                        std::size_t fallback) {
    for (const std::string& name : known) {
        for (std::size_t i = 0; i < head.columns.size(); ++i) {
            if (head.hasHeader && lower(head.columns[i]) == lower(name)) {
                return i;
            }
        }
    }
    return fallback;
}

struct LabelRow {
    std::string file;
    std::string label;
    std::string className;
};

Result<std::vector<LabelRow>> readLabelRows(const std::string& path, const std::string& target) {
    Result<OpenTable> opened = openTable(path, {});
    if (opened.hasError()) {
        return opened.error();
    }
    OpenTable& table = opened.value();
    const std::size_t last = table.head.columns.size() - 1;
    const std::size_t file =
        columnNamed(table.head, {"file", "filename", "path", "image", "name"}, 0);
    const std::vector<std::string> labelNames =
        target.empty() ? std::vector<std::string>{"class_index", "label", "class", "target"}
                       : std::vector<std::string>{target};
    const std::size_t label = columnNamed(table.head, labelNames, target.empty() ? last : last + 1);
    const std::size_t name = columnNamed(table.head, {"class_name", "classname"}, label);
    if (label > last || label == file) {
        return Error{label > last ? "there is no column `" + target + "`"
                                  : "the table has no column of labels",
                     path, "give a table with a column of file names and one of labels"};
    }
    std::vector<LabelRow> rows;
    bool more = table.atValues;
    while (more) {
        const std::span<const std::string> cells = table.reader.cells();
        if (cells.size() != last + 1 || rows.size() >= kMostImages) {
            return Error{
                "the row has another number of cells than the head, or there are more "
                "than a million",
                table.reader.where(), "mend the table"};
        }
        rows.push_back(
            {text::trim(cells[file]), text::trim(cells[label]), text::trim(cells[name])});
        const Result<bool> next = table.reader.next();
        if (next.hasError()) {
            return next.error();
        }
        more = next.value();
    }
    return rows;
}

Result<LabelTable> readLabels(const std::string& path, const std::string& target) {
    const Result<std::vector<LabelRow>> rows = readLabelRows(path, target);
    if (rows.hasError()) {
        return rows.error();
    }
    constexpr std::int64_t kMostClasses = 100'000;
    std::set<std::string> texts;
    bool numbers = true;
    std::int64_t highest = 0;
    for (const LabelRow& row : rows.value()) {
        const std::optional<std::int64_t> number = text::parseInteger(row.label);
        numbers = numbers && number.has_value() && *number >= 0 && *number < kMostClasses;
        highest = std::max(highest, number.value_or(0));
        texts.insert(row.label);
    }
    LabelTable table;
    const std::vector<std::string> sorted(texts.begin(), texts.end());
    table.classNames = sorted;
    if (numbers) {
        table.classNames.assign(static_cast<std::size_t>(highest) + 1, "");
        for (std::size_t i = 0; i < table.classNames.size(); ++i) {
            table.classNames[i] = std::to_string(i);
        }
    }
    for (const LabelRow& row : rows.value()) {
        const std::int64_t label =
            numbers ? *text::parseInteger(row.label)
                    : std::lower_bound(sorted.begin(), sorted.end(), row.label) - sorted.begin();
        table.labels[row.file] = label;
        table.classNames[static_cast<std::size_t>(label)] = row.className;
    }
    return table;
}

Result<void> labelByTable(ImageList& list, const std::string& path, const std::string& target) {
    const Result<LabelTable> table = readLabels(path, target);
    if (table.hasError()) {
        return table.error();
    }
    for (ListedImage& image : list.images) {
        const fs::path file(image.path);
        const auto& labels = table.value().labels;
        auto found = labels.find(file.filename().string());
        found = found == labels.end() ? labels.find(file.stem().string()) : found;
        if (found == labels.end()) {
            return Error{"the table has no row for " + file.filename().string(), path,
                         "add its label, or take the image out of the folder"};
        }
        image.label = found->second;
    }
    list.hasLabels = true;
    list.classNames = table.value().classNames;
    return {};
}

Result<void> labelByMasks(ImageList& list, const std::string& folder) {
    for (ListedImage& image : list.images) {
        const fs::path mask = fs::path(folder) / (fs::path(image.path).stem().string() + ".png");
        std::error_code code;
        if (!fs::is_regular_file(mask, code)) {
            return Error{"the image has no label image", mask.string(),
                         "add it, or take the image out of its folder"};
        }
        image.mask = mask.string();
    }
    list.hasMasks = true;
    return {};
}

Result<ImageList> listFolder(const std::string& folder) {
    ImageList list;
    Result<std::vector<std::string>> flat = imagesIn(folder);
    if (flat.hasError()) {
        return flat.error();
    }
    for (std::string& path : flat.value()) {
        list.images.push_back({std::move(path), 0, ""});
    }
    if (!list.images.empty()) {
        return list;
    }
    Result<std::vector<std::string>> classes = imageFoldersIn(folder);
    if (classes.hasError()) {
        return classes.error();
    }
    list.classNames = std::move(classes).value();
    list.hasLabels = true;
    for (std::size_t label = 0; label < list.classNames.size(); ++label) {
        Result<std::vector<std::string>> paths =
            imagesIn((fs::path(folder) / list.classNames[label]).string());
        if (paths.hasError()) {
            return paths.error();
        }
        for (std::string& path : paths.value()) {
            list.images.push_back({std::move(path), static_cast<std::int64_t>(label), ""});
        }
    }
    return list;
}

}  // namespace

Result<std::vector<std::string>> imagesIn(const std::string& folder) {
    std::vector<std::string> paths;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        if (isImageName(entry.path().string()) && entry.is_regular_file(code)) {
            paths.push_back(entry.path().string());
        }
        if (paths.size() > kMostImages) {
            return Error{"the folder holds more than a million images", folder,
                         "divide it into several"};
        }
    }
    if (code) {
        return Error{"the folder cannot be read (" + code.message() + ")", folder,
                     "check the path and its permissions"};
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

Result<std::vector<std::string>> imageFoldersIn(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        if (!entry.is_directory(code)) {
            continue;
        }
        const Result<std::vector<std::string>> images = imagesIn(entry.path().string());
        if (images.hasError()) {
            return images.error();
        }
        if (!images.value().empty()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<ImageList> listImages(const DataDescription& description, const std::string& source) {
    const std::string single = optionalPath(description, source, "file");
    ImageList list;
    std::string where = single;
    if (!single.empty()) {
        list.images.push_back({single, 0, ""});
    } else {
        const Result<std::string> folder = partPath(description, source, "folder");
        if (folder.hasError()) {
            return folder.error();
        }
        Result<ImageList> found = listFolder(folder.value());
        if (found.hasError()) {
            return found;
        }
        list = std::move(found).value();
        where = folder.value();
    }
    if (list.images.empty()) {
        return Error{"the folder holds no PNG or JPEG images", where,
                     "give the folder of the images, or of one folder for each class"};
    }
    const std::string labels = optionalPath(description, source, "labels");
    const std::string masks = optionalPath(description, source, "masks");
    Result<void> labelled = !labels.empty()  ? labelByTable(list, labels, description.target)
                            : !masks.empty() ? labelByMasks(list, masks)
                                             : Result<void>();
    return labelled.hasError() ? Result<ImageList>(labelled.error())
                               : Result<ImageList>(std::move(list));
}

}  // namespace bitloupe::data
