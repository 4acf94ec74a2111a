// SPDX-License-Identifier: Apache-2.0
#include "core/base/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <filesystem>

namespace bitloupe {

namespace {

zip_t* handle(void* archive) {
    return static_cast<zip_t*>(archive);
}

struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

constexpr const char* kCopyAgain = "copy the file again from its source";

}  // namespace

void ZipArchive::Close::operator()(void* archive) const {
    zip_discard(handle(archive));
}

Result<ZipArchive> ZipArchive::open(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code)) {
        return Error{"the file cannot be opened", path, "check that it exists and may be read"};
    }
    int status = ZIP_ER_OK;
    ZipArchive archive;
    archive.m_path = path;
    archive.m_archive.reset(zip_open(path.c_str(), ZIP_RDONLY, &status));
    if (archive.m_archive == nullptr) {
        return Error{"this is not a whole zip file", path, kCopyAgain};
    }
    const zip_int64_t count = zip_get_num_entries(handle(archive.m_archive.get()), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t about;
        zip_stat_init(&about);
        constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
        if (zip_stat_index(handle(archive.m_archive.get()), static_cast<zip_uint64_t>(i), 0,
                           &about) != 0 ||
            (about.valid & kNeeded) != kNeeded) {
            return Error{"the zip file's list of contents is damaged", path, kCopyAgain};
        }
        archive.m_entries.push_back({about.name, about.size, about.comp_size});
    }
    return archive;
}

const ZipArchive::Entry* ZipArchive::find(const std::string& name) const {
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
                                    [&](const Entry& entry) { return entry.name == name; });
    return found == m_entries.end() ? nullptr : &*found;
}

Result<std::string> ZipArchive::read(const std::string& name, std::uint64_t maxBytes) const {
    const std::string where = m_path + ", entry " + name;
    const Entry* entry = find(name);
    if (entry == nullptr) {
        return Error{"the entry is missing", where, kCopyAgain};
    }
    if (entry->size > maxBytes) {
        return Error{"the entry unpacks to " + std::to_string(entry->size) +
                         " bytes, more than the " + std::to_string(maxBytes) + " that make sense",
                     where, "do not trust this file; copy it again from its source"};
    }
    // Deflate packs at most 1032 to 1: what declares more would only take memory before it fails.
    constexpr std::uint64_t kMostRatio = 1100;
    if (entry->size / kMostRatio > entry->packedSize + 1024) {
        return Error{"the entry declares " + std::to_string(entry->size) + " bytes and packs " +
                         std::to_string(entry->packedSize) + ", which cannot be",
                     where, "do not trust this file; copy it again from its source"};
    }
    const auto index = static_cast<zip_uint64_t>(entry - m_entries.data());
    const std::unique_ptr<zip_file_t, CloseFile> file(
        zip_fopen_index(handle(m_archive.get()), index, 0));
    if (file == nullptr) {
        return Error{"the entry cannot be unpacked", where,
                     std::string(kCopyAgain) + ", without a password"};
    }
    std::string content(entry->size, '\0');
    const bool whole = zip_fread(file.get(), content.data(), content.size()) ==
                       static_cast<zip_int64_t>(content.size());
    // libzip compares the checksum when it reaches the end, so the end has to be read.
    char beyond = 0;
    if (!whole || zip_fread(file.get(), &beyond, 1) != 0) {
        return Error{"the entry is damaged: its size or checksum does not match", where,
                     kCopyAgain};
    }
    return content;
}

}  // namespace bitloupe
