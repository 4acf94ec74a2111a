// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/data/cifar.h"
#include "core/data/source.h"

namespace bitloupe::data {
namespace {

constexpr std::int64_t kPixels = std::int64_t{3} * 32 * 32;

/// One or more files of CIFAR records, one after the other.
class CifarReader : public SampleReader {
public:
    struct File {
        std::string path;
        std::int64_t records = 0;
    };

    CifarReader(std::vector<File> files, CifarForm form, std::int64_t labelByte)
        : m_files(std::move(files)), m_form(form), m_labelByte(labelByte) {
        m_head.inputs.push_back({"", ElementType::Float32, {3, 32, 32}, {}});
        m_head.labels = 1;
        for (const File& file : m_files) {
            m_head.count += file.records;
        }
    }

    const SampleHead& head() const override { return m_head; }

    Result<SampleBlock> read(std::int64_t first, std::int64_t count) override {
        std::vector<float> pixels;
        pixels.reserve(static_cast<std::size_t>(count * kPixels));
        SampleBlock block;
        for (const File& file : m_files) {
            const std::int64_t here = std::min(file.records - first, count);
            if (first < file.records && here > 0) {
                const Result<void> read = readRecords(file, first, here, pixels, block.labels);
                if (read.hasError()) {
                    return read.error();
                }
                count -= here;
            }
            first = std::max<std::int64_t>(first - file.records, 0);
        }
        const auto samples = static_cast<std::int64_t>(block.labels.size());
        block.inputs.push_back(Array::of<float>({samples, 3, 32, 32}, pixels));
        return block;
    }

private:
    Result<void> readRecords(const File& file, std::int64_t first, std::int64_t count,
                             std::vector<float>& pixels, std::vector<std::int64_t>& labels) const {
        const std::int64_t size = recordBytes(m_form);
        std::string bytes(static_cast<std::size_t>(size * count), '\0');
        std::ifstream stream(file.path, std::ios::binary);
        stream.seekg(first * size);
        stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (stream.gcount() != static_cast<std::streamsize>(bytes.size())) {
            return Error{"the file ends early",
                         file.path + ", image " + std::to_string(first + stream.gcount() / size),
                         "copy it again from its source"};
        }
        for (std::int64_t i = 0; i < count; ++i) {
            const std::string_view record(bytes.data() + i * size, static_cast<std::size_t>(size));
            const auto label =
                static_cast<unsigned char>(record[static_cast<std::size_t>(m_labelByte)]);
            if (label >= classCount(m_form, m_labelByte)) {
                return Error{"the label " + std::to_string(label) + " is none of CIFAR's",
                             file.path + ", image " + std::to_string(first + i),
                             "give a file in CIFAR's binary form"};
            }
            labels.push_back(label);
            for (const char pixel : record.substr(static_cast<std::size_t>(size - kPixels))) {
                pixels.push_back(static_cast<float>(static_cast<unsigned char>(pixel)));
            }
        }
        return {};
    }

    std::vector<File> m_files;
    CifarForm m_form;
    std::int64_t m_labelByte;
    SampleHead m_head;
};

/// Files named `images`, `images2`, `images3` ... of a source.
std::vector<std::string> imageFiles(const DataDescription& description, const std::string& name) {
    std::vector<std::string> paths;
    for (std::size_t i = 1;; ++i) {
        const std::string part = i == 1 ? "images" : "images" + std::to_string(i);
        const std::string path = optionalPath(description, name, part);
        if (path.empty()) {
            return paths;
        }
        paths.push_back(path);
    }
}

/// The names of the classes beside the images, where they are.
std::vector<std::string> readClassNames(const std::string& imagePath, CifarForm form,
                                        std::int64_t labelByte) {
    const char* const file = form == CifarForm::Ten ? "batches.meta.txt"
                             : labelByte == 0       ? "coarse_label_names.txt"
                                                    : "fine_label_names.txt";
    constexpr std::uint64_t kMostBytes = 65'536;
    const Result<std::string> text =
        readFile((std::filesystem::path(imagePath).parent_path() / file).string(), kMostBytes);
    std::vector<std::string> names;
    for (const std::string& line : text::split(text.hasError() ? "" : text.value(), '\n')) {
        if (!text::trim(line).empty()) {
            names.push_back(text::trim(line));
        }
    }
    return static_cast<std::int64_t>(names.size()) == classCount(form, labelByte)
               ? names
               : std::vector<std::string>();
}

}  // namespace

std::int64_t recordBytes(CifarForm form) {
    return kPixels + (form == CifarForm::Ten ? 1 : 2);
}

std::int64_t classCount(CifarForm form, std::int64_t labelByte) {
    return form == CifarForm::Ten ? 10 : labelByte == 0 ? 20 : 100;
}

std::optional<CifarForm> cifarFormOf(const std::string& path) {
    std::error_code code;
    const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path, code));
    std::ifstream stream(path, std::ios::binary);
    for (const CifarForm form : {CifarForm::Ten, CifarForm::Hundred}) {
        const std::int64_t record = recordBytes(form);
        if (code || size == 0 || size % record != 0) {
            continue;
        }
        // A few labels spread over the file tell chance from truth.
        constexpr std::int64_t kLooks = 64;
        bool fits = true;
        for (std::int64_t i = 0; i < kLooks && fits; ++i) {
            std::array<char, 2> labels{};
            stream.clear();
            stream.seekg(size / record * i / kLooks * record);
            fits = static_cast<bool>(stream.read(labels.data(), labels.size())) &&
                   static_cast<unsigned char>(labels[0]) < classCount(form, 0) &&
                   (form == CifarForm::Ten ||
                    static_cast<unsigned char>(labels[1]) < classCount(form, 1));
        }
        if (fits) {
            return form;
        }
    }
    return std::nullopt;
}

Result<Sources> openCifarSources(const DataDescription& description) {
    Sources sources;
    sources.task = Task::Classification;
    std::optional<CifarForm> form;
    for (const std::string& name : usedSources(description)) {
        std::vector<CifarReader::File> files;
        for (const std::string& path : imageFiles(description, name)) {
            const std::optional<CifarForm> found = cifarFormOf(path);
            if (!found.has_value() || found != form.value_or(*found)) {
                return Error{found.has_value() ? "the files are partly CIFAR-10, partly CIFAR-100"
                                               : "this is no file of CIFAR's binary form",
                             path, "give files of records of 3,073 or of 3,074 bytes"};
            }
            form = found;
            std::error_code code;
            files.push_back(
                {path, static_cast<std::int64_t>(std::filesystem::file_size(path, code)) /
                           recordBytes(*found)});
        }
        if (files.empty()) {
            return partPath(description, name, "images").error();
        }
        const std::int64_t labelByte =
            form == CifarForm::Hundred && description.target != "coarse" ? 1 : 0;
        sources.classNames = readClassNames(files.front().path, *form, labelByte);
        sources.byName.emplace(name,
                               std::make_unique<CifarReader>(std::move(files), *form, labelByte));
    }
    return sources;
}

}  // namespace bitloupe::data
