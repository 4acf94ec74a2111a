// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "core/base/text.h"
#include "core/data/byte_reader.h"
#include "core/data/data_yaml.h"
#include "core/data/idx.h"
#include "core/data/table.h"

namespace bitloupe::data {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostCalibration = 1000;
constexpr std::int64_t kMostSearch = 10'000;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

/// Extension in small letters, `.gz` left out.
std::string extensionOf(const fs::path& path) {
    const std::string extension = lower(path.extension().string());
    return extension == ".gz" ? lower(path.stem().extension().string()) : extension;
}

/// Images and, where found, their labels.
struct IdxPair {
    std::string images;
    std::string labels;  ///< "" without
    std::int64_t count = 0;

    /// Named as the part of a data set kept for the last test.
    [[nodiscard]] bool isTest() const {
        const std::string name = lower(images);
        return name.starts_with("t10k") || name.find("test") != std::string::npos;
    }
};

struct IdxFile {
    std::string name;
    IdxHeader header;
};

Result<std::vector<IdxFile>> idxFilesIn(const fs::path& folder) {
    constexpr std::size_t kMostFiles = 10'000;
    std::vector<IdxFile> files;
    std::error_code code;
    std::size_t seen = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        if (++seen > kMostFiles) {
            return Error{"the folder holds more than 10,000 files", folder.string(),
                         "name the file itself"};
        }
        const std::string path = entry.path().string();
        if (!entry.is_regular_file(code) || !looksLikeIdx(path)) {
            continue;
        }
        const Result<IdxHeader> header = readIdxHeader(path);
        if (header.hasError()) {
            return header.error();
        }
        files.push_back({entry.path().filename().string(), header.value()});
    }
    if (code) {
        return Error{"the folder cannot be read (" + code.message() + ")", folder.string(),
                     "check its permissions"};
    }
    std::sort(files.begin(), files.end(),
              [](const IdxFile& a, const IdxFile& b) { return a.name < b.name; });
    return files;
}

/// What stands before "images" or "labels" in a name: `train-`, `t10k-`.
std::string stemOf(const std::string& name) {
    const std::string small = lower(name);
    return small.substr(0, std::min(small.find("images"), small.find("labels")));
}

std::vector<IdxPair> pairUp(const std::vector<IdxFile>& files) {
    std::vector<IdxPair> pairs;
    for (const IdxFile& images : files) {
        if (images.header.shape.size() < 2) {
            continue;
        }
        IdxPair pair{images.name, "", images.header.shape.front()};
        std::vector<const IdxFile*> fitting;
        for (const IdxFile& labels : files) {
            if (labels.header.shape.size() == 1 && labels.header.shape.front() == pair.count) {
                fitting.push_back(&labels);
            }
        }
        for (const IdxFile* labels : fitting) {
            if (fitting.size() == 1 || stemOf(labels->name) == stemOf(images.name)) {
                pair.labels = labels->name;
            }
        }
        pairs.push_back(std::move(pair));
    }
    return pairs;
}

DataSource sourceOf(const IdxPair& pair) {
    DataSource source;
    source.files["images"] = pair.images;
    if (!pair.labels.empty()) {
        source.files["labels"] = pair.labels;
    }
    return source;
}

/// One source for everything: a tenth calibrates, half of the rest is kept for the last test.
void splitOne(DataDescription& description, const std::string& source, std::int64_t count) {
    const std::int64_t calibration = std::clamp<std::int64_t>(count / 10, 1, kMostCalibration);
    const std::int64_t search = std::max<std::int64_t>((count - calibration) / 2, 1);
    description.splits[Role::Calibration] = {source, 0, calibration};
    if (count > calibration) {
        description.splits[Role::Search] = {source, calibration, std::min(search, kMostSearch)};
    }
    if (count > calibration + search) {
        description.splits[Role::Test] = {source, calibration + search, std::nullopt};
    }
}

/// A part for training and one for testing: the last of the training samples are searched on, the
/// others may be trained on.
void splitTwo(DataDescription& description, std::int64_t trainCount) {
    const std::int64_t calibration = std::clamp<std::int64_t>(trainCount / 10, 1, kMostCalibration);
    const std::int64_t search =
        std::clamp<std::int64_t>((trainCount - calibration) / 2, 1, kMostSearch);
    description.splits[Role::Calibration] = {"train", 0, calibration};
    description.splits[Role::Search] = {"train", std::max<std::int64_t>(trainCount - search, 0),
                                        search};
    description.splits[Role::Test] = {"test", 0, std::nullopt};
    if (trainCount > search) {
        description.splits[Role::Training] = {"train", 0, trainCount - search};
    }
}

Result<DataDescription> describePairs(const fs::path& folder, const std::vector<IdxPair>& pairs) {
    DataDescription description;
    description.kind = "idx";
    description.name = folder.filename().empty() ? folder.parent_path().filename().string()
                                                 : folder.filename().string();
    description.folder = folder.string();
    description.scaling = "divide";
    description.divisor = 255;
    const auto test =
        std::find_if(pairs.begin(), pairs.end(), [](const IdxPair& pair) { return pair.isTest(); });
    const auto train = std::find_if(pairs.begin(), pairs.end(),
                                    [](const IdxPair& pair) { return !pair.isTest(); });
    if (pairs.size() > 2 || (pairs.size() == 2 && (test == pairs.end() || train == pairs.end()))) {
        return Error{"the folder holds " + std::to_string(pairs.size()) + " sets of images",
                     folder.string(),
                     "name the file of images to use, or write a YAML description"};
    }
    if (pairs.size() == 2) {
        description.sources = {{"train", sourceOf(*train)}, {"test", sourceOf(*test)}};
        splitTwo(description, train->count);
    } else if (test != pairs.end()) {
        // Nothing but a test set: every role gets it, and the overlap is warned about on loading.
        description.sources = {{"test", sourceOf(*test)}};
        const std::int64_t calibration = std::min(test->count, kMostCalibration);
        description.splits = {{Role::Calibration, {"test", 0, calibration}},
                              {Role::Search, {"test", 0, std::nullopt}},
                              {Role::Test, {"test", 0, std::nullopt}}};
    } else {
        description.sources = {{"all", sourceOf(*train)}};
        splitOne(description, "all", train->count);
    }
    return description;
}

Result<DataDescription> describeIdxFile(const fs::path& path) {
    const fs::path folder = fs::absolute(path).parent_path();
    Result<std::vector<IdxFile>> files = idxFilesIn(folder);
    if (files.hasError()) {
        return files.error();
    }
    const std::string name = path.filename().string();
    for (const IdxPair& pair : pairUp(files.value())) {
        if (pair.images == name || pair.labels == name) {
            return describePairs(folder, {pair});
        }
    }
    return Error{"no file of images belongs to these labels", path.string(),
                 "put the images beside them"};
}

/// A column that people name so, else the last one.
std::string guessTarget(const TableHead& head) {
    if (!head.output.empty()) {
        return head.output;
    }
    for (const std::string& column : head.columns) {
        for (const char* known : {"target", "label", "class", "y"}) {
            if (head.hasHeader && lower(column) == known) {
                return column;
            }
        }
    }
    return head.columns.back();
}

Result<DataDescription> describeTable(const fs::path& path) {
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
    description.target = guessTarget(head.value());
    description.shuffle = 1;  // tables are often sorted by class
    description.scaling = "standardize";
    splitOne(description, "all", rows.value());
    return description;
}

/// Text without control characters whose first line has a separator.
bool looksLikeTable(const std::string& path) {
    Result<ByteReader> reader = ByteReader::open(path);
    std::array<char, 4096> start{};
    if (reader.hasError()) {
        return false;
    }
    const Result<std::size_t> got = reader.value().read(std::as_writable_bytes(std::span(start)));
    if (got.hasError()) {
        return false;
    }
    const std::string_view text(start.data(), got.value());
    const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
    });
    return printable && text.substr(0, text.find('\n')).find_first_of(",;\t@") != std::string::npos;
}

bool holdsImages(const fs::path& folder) {
    std::error_code code;
    int seen = 0;
    for (auto entry = fs::recursive_directory_iterator(folder, code);
         !code && entry != fs::recursive_directory_iterator() && seen < 1000;
         entry.increment(code)) {
        ++seen;
        const std::string extension = extensionOf(entry->path());
        if (extension == ".png" || extension == ".jpg" || extension == ".jpeg") {
            return true;
        }
    }
    return false;
}

Result<DataDescription> describeFolder(const fs::path& folder) {
    const Result<std::vector<IdxFile>> files = idxFilesIn(folder);
    if (files.hasError()) {
        return files.error();
    }
    const std::vector<IdxPair> pairs = pairUp(files.value());
    if (!pairs.empty()) {
        return describePairs(fs::absolute(folder).lexically_normal(), pairs);
    }
    if (holdsImages(folder)) {
        return Error{"folders of image files cannot be read yet", folder.string(),
                     "convert the images to IDX files"};
    }
    std::vector<fs::path> tables;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        const std::string extension = extensionOf(entry.path());
        if (entry.is_regular_file(code) && (extension == ".csv" || extension == ".dat")) {
            tables.push_back(entry.path());
        }
    }
    if (tables.size() == 1) {
        return describeTable(tables.front());
    }
    return Error{tables.empty() ? "the folder holds no data that is recognised"
                                : "the folder holds several tables",
                 folder.string(),
                 tables.empty() ? "give IDX files, a CSV file or a YAML description"
                                : "name the table itself"};
}

Result<DataDescription> readYamlDescription(const fs::path& path) {
    const Result<yaml::Document> document = yaml::Document::read(path.string());
    if (document.hasError()) {
        return document.error();
    }
    DataDescription description =
        readDataDescription(document.value().root(), fs::absolute(path).parent_path().string());
    const Result<void> result = document.value().result();
    return result.hasError() ? Result<DataDescription>(result.error())
                             : Result<DataDescription>(std::move(description));
}

}  // namespace

Result<DataDescription> describeData(const std::string& path) {
    std::error_code code;
    if (!fs::exists(path, code)) {
        return Error{"there is no such file or folder", path, "check the path"};
    }
    if (fs::is_directory(path, code)) {
        return describeFolder(path);
    }
    const std::string extension = extensionOf(path);
    if (extension == ".yaml" || extension == ".yml") {
        return readYamlDescription(path);
    }
    const Result<ByteReader> reader = ByteReader::open(path);
    if (reader.hasError()) {
        return reader.error();
    }
    if (looksLikeIdx(path)) {
        return describeIdxFile(path);
    }
    if (looksLikeTable(path)) {
        return describeTable(path);
    }
    return Error{"this kind of data is not recognised", path,
                 "give IDX files, a CSV file or a YAML description"};
}

}  // namespace bitloupe::data
