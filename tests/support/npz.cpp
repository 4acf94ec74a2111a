// SPDX-License-Identifier: Apache-2.0
#include "tests/support/npz.h"

#include <zip.h>

#include <QtTest/QTest>

#include "core/base/npy.h"

namespace bitloupe::testing {

namespace {

std::string readEntry(zip_t* archive, zip_uint64_t index, zip_uint64_t size) {
    std::string bytes(size, '\0');
    zip_file_t* file = zip_fopen_index(archive, index, 0);
    if (file == nullptr || zip_fread(file, bytes.data(), size) != static_cast<zip_int64_t>(size)) {
        bytes.clear();
    }
    if (file != nullptr) {
        zip_fclose(file);
    }
    return bytes;
}

/// Class names and the like are no arrays here.
bool holdsText(const std::string& bytes) {
    constexpr std::size_t kHeader = 128;
    return bytes.substr(0, kHeader).find("'<U") != std::string::npos;
}

}  // namespace

std::map<std::string, Array> readNpz(const std::string& path) {
    std::map<std::string, Array> arrays;
    zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY, nullptr);
    if (archive == nullptr) {
        QTest::qFail(("cannot open " + path).c_str(), __FILE__, __LINE__);
        return arrays;
    }
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        zip_stat_t status;
        zip_stat_init(&status);
        if (zip_stat_index(archive, index, 0, &status) != 0) {
            continue;
        }
        const std::string name = status.name;
        const std::string bytes = readEntry(archive, index, status.size);
        if (holdsText(bytes)) {
            continue;
        }
        const auto array = parseNpy(bytes, path + ": " + name);
        if (array.hasError()) {
            QTest::qFail(array.error().sentence().c_str(), __FILE__, __LINE__);
            break;
        }
        arrays[name.substr(0, name.rfind(".npy"))] = array.value();
    }
    zip_discard(archive);
    return arrays;
}

}  // namespace bitloupe::testing
