// SPDX-License-Identifier: Apache-2.0
#include "core/data/recognize_kinds.h"

#include <algorithm>
#include <filesystem>

#include "core/data/cifar.h"
#include "core/data/image/image.h"
#include "core/data/image_list.h"
#include "core/data/letters.h"
#include "core/data/stored_array.h"

namespace bitloupe::data {

namespace fs = std::filesystem;

namespace {

DataDescription named(const std::string& kind, const fs::path& path) {
    const fs::path whole = fs::absolute(path).lexically_normal();
    DataDescription description;
    description.kind = kind;
    description.name = whole.stem().string();
    description.folder = whole.parent_path().string();
    return description;
}

/// A folder by its own name, its files relative to it.
DataDescription namedFolder(const std::string& kind, const fs::path& folder) {
    const fs::path whole = fs::absolute(folder).lexically_normal();
    DataDescription description = named(kind, whole);
    description.name = whole.filename().empty() ? whole.parent_path().filename().string()
                                                : whole.filename().string();
    description.folder = whole.string();
    return description;
}

bool namesATest(const std::string& name) {
    return lower(name).find("test") != std::string::npos;
}

std::int64_t recordsOf(const fs::path& path) {
    std::error_code code;
    const std::optional<CifarForm> form = cifarFormOf(path.string());
    return form.has_value()
               ? static_cast<std::int64_t>(fs::file_size(path, code)) / recordBytes(*form)
               : 0;
}

void addImages(DataSource& source, const std::string& file) {
    const std::size_t count = source.files.size();
    source.files[count == 0 ? "images" : "images" + std::to_string(count + 1)] = file;
}

void scaleByteImages(DataDescription& description) {
    description.scaling = "divide";
    description.divisor = 255;
}

Result<DataDescription> describeStored(DataDescription description, const StoredArrays& arrays) {
    description.target = guessTarget(arrays);
    std::int64_t count = 0;
    for (const auto& [name, array] : arrays) {
        count = std::max(count, array->shape().front());
    }
    if (const auto target = arrays.find(description.target); target != arrays.end()) {
        count = target->second->shape().front();
        if (count > 1) {
            description.shuffle = 1;  // such files are often sorted by class
        }
    }
    splitOne(description, "all", count);
    return description;
}

/// Images of one size are taken as they are; others as networks for ImageNet take them.
Result<void> chooseSize(DataDescription& description, const std::vector<ListedImage>& images) {
    constexpr std::size_t kLooks = 500;
    std::optional<ImageHead> first;
    for (std::size_t i = 0; i < std::min(images.size(), kLooks); ++i) {
        const Result<ImageHead> head = readImageHead(images[i].path);
        if (head.hasError()) {
            return head.error();
        }
        first = first.value_or(head.value());
        if (head.value().height != first->height || head.value().width != first->width) {
            description.images.resize = {256, 0};
            description.images.crop = {224, 224};
            description.images.channels = 3;
            description.mean = {0.485, 0.456, 0.406};
            description.deviation = {0.229, 0.224, 0.225};
            return {};
        }
    }
    return {};
}

/// The one table in a folder, or "".
std::string onlyTable(const fs::path& folder) {
    std::vector<std::string> tables;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        if (lower(entry.path().extension().string()) == ".csv") {
            tables.push_back(entry.path().filename().string());
        }
    }
    return tables.size() == 1 ? tables.front() : "";
}

/// A folder of images or of classes; its labels from a table beside it where one names its images.
Result<DataDescription> describeOneFolder(const fs::path& folder, const std::string& part,
                                          const std::string& table) {
    DataDescription description = namedFolder("images", folder);
    description.sources["all"].files["folder"] = part;
    if (!table.empty()) {
        description.sources["all"].files["labels"] = table;
    }
    splitOne(description, "all", 1);  // until they are counted
    Result<ImageList> list = listImages(description, "all");
    if (list.hasError() && !table.empty()) {
        return describeOneFolder(folder, part, "");
    }
    if (list.hasError()) {
        return list.error();
    }
    scaleByteImages(description);
    const Result<void> size = chooseSize(description, list.value().images);
    if (size.hasError()) {
        return size.error();
    }
    if (list.value().hasLabels && list.value().images.size() > 1) {
        description.shuffle = 1;
    }
    description.splits.clear();
    splitOne(description, "all", static_cast<std::int64_t>(list.value().images.size()));
    return description;
}

/// Folders `train` and `val` or `test`, each with its classes.
Result<std::optional<DataDescription>> describeParts(const fs::path& folder) {
    std::string train;
    std::string test;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        const std::string small = lower(name);
        if (!entry.is_directory(code)) {
            continue;
        }
        train = small == "train" || small == "training" ? name : train;
        const bool isTest = small == "test" || small == "testing";
        test = isTest || (test.empty() && (small == "val" || small == "validation")) ? name : test;
    }
    if (train.empty() || test.empty()) {
        return std::optional<DataDescription>();
    }
    DataDescription description = namedFolder("images", folder);
    description.sources["train"].files["folder"] = train;
    description.sources["test"].files["folder"] = test;
    const Result<ImageList> list = listImages(description, "train");
    if (list.hasError()) {
        return list.error();
    }
    scaleByteImages(description);
    const Result<void> size = chooseSize(description, list.value().images);
    if (size.hasError()) {
        return size.error();
    }
    description.shuffle = 1;
    splitTwo(description, static_cast<std::int64_t>(list.value().images.size()));
    return std::optional<DataDescription>(std::move(description));
}

}  // namespace

Result<DataDescription> describeCifarFile(const std::string& path) {
    DataDescription description = named("cifar", path);
    const fs::path file(path);
    const std::string source = namesATest(file.filename().string()) ? "test" : "all";
    addImages(description.sources[source], file.filename().string());
    scaleByteImages(description);
    const std::int64_t count = recordsOf(file);
    if (source == "test") {
        splitTestAlone(description, source, count);
    } else {
        splitOne(description, source, count);
    }
    return description;
}

Result<std::optional<DataDescription>> describeCifarFolder(const std::string& folder) {
    std::vector<fs::path> files;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        if (lower(entry.path().extension().string()) == ".bin" && recordsOf(entry.path()) > 0) {
            files.push_back(entry.path());
        }
    }
    if (files.empty()) {
        return std::optional<DataDescription>();
    }
    std::sort(files.begin(), files.end());
    DataDescription description = namedFolder("cifar", folder);
    scaleByteImages(description);
    std::int64_t trainCount = 0;
    std::int64_t testCount = 0;
    for (const fs::path& file : files) {
        const bool test = namesATest(file.filename().string());
        addImages(description.sources[test ? "test" : "train"], file.filename().string());
        (test ? testCount : trainCount) += recordsOf(file);
    }
    if (trainCount > 0 && testCount > 0) {
        splitTwo(description, trainCount);
    } else if (testCount > 0) {
        splitTestAlone(description, "test", testCount);
    } else {
        splitOne(description, "train", trainCount);
    }
    return std::optional<DataDescription>(std::move(description));
}

Result<DataDescription> describeArrays(const std::string& path) {
    DataDescription description = named("arrays", path);
    description.sources["all"].files["samples"] = fs::path(path).filename().string();
    const Result<StoredArrays> arrays = openArrayFile(path, "samples");
    return arrays.hasError() ? Result<DataDescription>(arrays.error())
                             : describeStored(std::move(description), arrays.value());
}

Result<DataDescription> describeHdf5(const std::string& path) {
    DataDescription description = named("hdf5", path);
    description.sources["all"].files["file"] = fs::path(path).filename().string();
    const Result<StoredArrays> arrays = openHdf5File(path);
    return arrays.hasError() ? Result<DataDescription>(arrays.error())
                             : describeStored(std::move(description), arrays.value());
}

Result<DataDescription> describeImage(const std::string& path) {
    DataDescription description = named("images", path);
    description.sources["all"].files["file"] = fs::path(path).filename().string();
    scaleByteImages(description);
    splitTestAlone(description, "all", 1);
    return description;
}

Result<std::optional<DataDescription>> describeImageFolder(const std::string& folder) {
    const Result<std::vector<std::string>> flat = imagesIn(folder);
    if (flat.hasError()) {
        return flat.error();
    }
    const Result<std::vector<std::string>> classes = imageFoldersIn(folder);
    if (classes.hasError()) {
        return classes.error();
    }
    if (flat.value().empty() && classes.value().empty()) {
        return describeParts(folder);
    }
    // One folder of images beside a table is no class but the place of the images.
    const std::string table = onlyTable(folder);
    const bool inside = flat.value().empty() && classes.value().size() == 1;
    Result<DataDescription> description =
        describeOneFolder(folder, inside ? classes.value().front() : ".",
                          inside || !flat.value().empty() ? table : "");
    return description.hasError() ? Result<std::optional<DataDescription>>(description.error())
                                  : std::optional<DataDescription>(std::move(description).value());
}

Result<DataDescription> describeText(const std::string& path) {
    DataDescription description = named("text", path);
    description.sources["all"].files["text"] = fs::path(path).filename().string();
    std::error_code code;
    const auto bytes = static_cast<std::int64_t>(fs::file_size(path, code));
    description.text.window = std::clamp<std::int64_t>(bytes / 20, 1, 64);
    // Characters are fewer than bytes where they are not ASCII: only reading tells how many.
    description.splits[Role::Search] = {"all", 0, std::nullopt};
    Result<DataSet> whole = loadDataSet(description);
    if (whole.hasError()) {
        description.text.tokens = "bytes";
        whole = loadDataSet(description);
    }
    if (whole.hasError()) {
        return whole.error();
    }
    description.splits.clear();
    splitOne(description, "all", whole.value().splits.at(Role::Search).count());
    return description;
}

}  // namespace bitloupe::data
