// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "core/base/text.h"
#include "core/data/byte_reader.h"
#include "core/data/cifar.h"
#include "core/data/data_yaml.h"
#include "core/data/idx.h"
#include "core/data/image/image.h"
#include "core/data/letters.h"
#include "core/data/recognize_kinds.h"
#include "core/data/table_head.h"

namespace bitloupe::data {

namespace fs = std::filesystem;

namespace {

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
        description.sources = {{"test", sourceOf(*test)}};
        splitTestAlone(description, "test", test->count);
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

/// The first bytes of a file (unpacked) when they hold no control characters, else "".
std::string printableStart(const std::string& path) {
    Result<ByteReader> reader = ByteReader::open(path);
    std::array<char, 4096> start{};
    if (reader.hasError()) {
        return "";
    }
    const Result<std::size_t> got = reader.value().read(std::as_writable_bytes(std::span(start)));
    const std::string text(start.data(), got.hasError() ? 0 : got.value());
    const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
    });
    return printable ? text : "";
}

/// Whether the first line has separators, or numbers between blanks.
bool looksLikeTable(const std::string& path) {
    const std::string text = printableStart(path);
    const std::string line = text::trim(text.substr(0, text.find('\n')));
    if (line.find_first_of(",;\t@") != std::string::npos) {
        return true;
    }
    const std::vector<std::string> words = text::split(line, ' ');
    return words.size() > 1 && std::all_of(words.begin(), words.end(), [](const std::string& word) {
               return word.empty() || parseCell(word).has_value();
           });
}

bool looksLikeText(const std::string& path) {
    return !printableStart(path).empty();
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
    for (const auto& describe : {describeCifarFolder, describeImageFolder}) {
        Result<std::optional<DataDescription>> description = describe(folder.string());
        if (description.hasError()) {
            return description.error();
        }
        if (description.value().has_value()) {
            return *std::move(description).value();
        }
    }
    std::vector<fs::path> known;
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        const std::string extension = extensionOf(entry.path());
        for (const char* kind : {".csv", ".dat", ".npz", ".h5", ".hdf5", ".txt", ".data"}) {
            if (entry.is_regular_file(code) && extension == kind) {
                known.push_back(entry.path());
            }
        }
    }
    if (known.size() == 1) {
        return describeData(known.front().string());
    }
    return Error{known.empty() ? "the folder holds no data that is recognised"
                               : "the folder holds several files of data",
                 folder.string(),
                 known.empty() ? "give IDX, CIFAR, CSV, HDF5, .npz, image or text files, or a YAML "
                                 "description"
                               : "name the file itself"};
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
    if (extension == ".npz" || extension == ".npy") {
        return describeArrays(path);
    }
    if (extension == ".h5" || extension == ".hdf5" || extension == ".hdf") {
        return describeHdf5(path);
    }
    if (isImageName(path)) {
        return describeImage(path);
    }
    if (extension == ".bin" && cifarFormOf(path).has_value()) {
        return describeCifarFile(path);
    }
    if (extension != ".txt" && looksLikeTable(path)) {
        return describeTable(path);
    }
    if (looksLikeText(path)) {
        return describeText(path);
    }
    return Error{"this kind of data is not recognised", path,
                 "give IDX, CIFAR, CSV, HDF5, .npz, image or text files, or a YAML description"};
}

}  // namespace bitloupe::data
