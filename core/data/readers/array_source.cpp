// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include "core/base/npy.h"
#include "core/base/zip_archive.h"
#include "core/data/stored_array.h"
#include "core/importers/tensor_file.h"

namespace bitloupe::data {
namespace {

constexpr std::uint64_t kMostUnpackedBytes = std::uint64_t{1} << 30U;

/// An uncompressed, row-major `.npy` file, read a range at a time.
class NpyFile : public StoredArray {
public:
    NpyFile(std::string path, NpyHead head) : m_path(std::move(path)), m_head(std::move(head)) {}

    ElementType type() const override { return m_head.type; }
    const Shape& shape() const override { return m_head.shape; }

    Result<Array> read(std::int64_t first, std::int64_t count) override {
        Shape shape = m_head.shape;
        shape.front() = 1;
        const std::size_t row = static_cast<std::size_t>(elementCount(shape)) * m_head.elementBytes;
        shape.front() = count;
        std::string bytes(row * static_cast<std::size_t>(count), '\0');
        std::ifstream stream(m_path, std::ios::binary);
        stream.seekg(
            static_cast<std::streamoff>(m_head.dataStart + row * static_cast<std::size_t>(first)));
        stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        if (stream.gcount() != static_cast<std::streamsize>(bytes.size())) {
            return Error{"the file ends early", m_path, "copy it again from its source"};
        }
        return npyElements(m_head, std::move(shape), bytes);
    }

private:
    std::string m_path;
    NpyHead m_head;
};

Result<std::unique_ptr<StoredArray>> openNpy(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string start(kNpyHeadBytes, '\0');
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(stream.gcount()));
    Result<NpyHead> head = parseNpyHead(start, path);
    if (head.hasError()) {
        return head.error();
    }
    const NpyHead& known = head.value();
    std::error_code code;
    const auto size = std::filesystem::file_size(path, code);
    const auto expected =
        known.dataStart + static_cast<std::size_t>(elementCount(known.shape)) * known.elementBytes;
    if (code || size != expected) {
        return Error{"the file has " + std::to_string(code ? 0 : size) + " bytes where " +
                         std::to_string(expected) + " are declared",
                     path, "write it again with numpy.save"};
    }
    if (known.columnMajor || known.shape.empty()) {
        const Result<Array> whole = importers::readTensorFile(path);
        return whole.hasError() ? Result<std::unique_ptr<StoredArray>>(whole.error())
                                : inMemory(whole.value());
    }
    return std::unique_ptr<StoredArray>(std::make_unique<NpyFile>(path, std::move(head).value()));
}

/// Arrays of texts are left out; the file may name its samples.
Result<StoredArrays> openNpz(const std::string& path) {
    const Result<ZipArchive> archive = ZipArchive::open(path);
    if (archive.hasError()) {
        return archive.error();
    }
    std::uint64_t unpacked = 0;
    StoredArrays arrays;
    for (const ZipArchive::Entry& entry : archive.value().entries()) {
        if (!entry.name.ends_with(".npy")) {
            continue;
        }
        if (entry.size > kMostUnpackedBytes - std::min(unpacked, kMostUnpackedBytes)) {
            return Error{"its arrays unpack to more than 1 GiB", path + ", entry " + entry.name,
                         "unpack it and give the .npy files, which are read in pieces"};
        }
        unpacked += entry.size;
        const Result<std::string> bytes = archive.value().read(entry.name, kMostUnpackedBytes);
        if (bytes.hasError()) {
            return bytes.error();
        }
        const std::string where = path + ", entry " + entry.name;
        const Result<NpyHead> head = parseNpyHead(bytes.value(), where);
        if (head.hasError() && head.error().what.starts_with("elements of type")) {
            continue;
        }
        Result<Array> array = parseNpy(bytes.value(), where);
        if (array.hasError()) {
            return array.error();
        }
        arrays[entry.name.substr(0, entry.name.size() - 4)] = inMemory(std::move(array).value());
    }
    if (arrays.empty()) {
        return Error{"the file holds no array of numbers", path, "write it with numpy.savez"};
    }
    return arrays;
}

}  // namespace

Result<StoredArrays> openArrayFile(const std::string& path, const std::string& name) {
    if (path.ends_with(".npz")) {
        return openNpz(path);
    }
    StoredArrays arrays;
    if (path.ends_with(".npy")) {
        Result<std::unique_ptr<StoredArray>> array = openNpy(path);
        if (array.hasError()) {
            return array.error();
        }
        arrays[name] = std::move(array).value();
        return arrays;
    }
    const Result<Array> array = importers::readTensorFile(path);
    if (array.hasError()) {
        return array.error();
    }
    arrays[name] = inMemory(array.value());
    return arrays;
}

Result<Sources> openArraySources(const DataDescription& description) {
    return sourcesOfArrays(description, [&](const std::string& source) -> Result<StoredArrays> {
        StoredArrays all;
        for (const auto& [part, file] : description.sources.at(source).files) {
            Result<StoredArrays> arrays = openArrayFile(pathOf(description, file), part);
            if (arrays.hasError()) {
                return arrays.error();
            }
            all.merge(arrays.value());
        }
        return all;
    });
}

}  // namespace bitloupe::data
