// SPDX-License-Identifier: Apache-2.0
#include "core/data/byte_reader.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>

namespace bitloupe::data {

namespace {

gzFile asGzip(void* file) {
    return static_cast<gzFile>(file);
}

}  // namespace

void ByteReader::Close::operator()(void* file) const {
    gzclose(asGzip(file));
}

Result<ByteReader> ByteReader::open(const std::string& path) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status)) {
        return Error{"there is no such file", path, "check the path"};
    }
    if (!std::filesystem::is_regular_file(status)) {
        return Error{"this is not a file", path, "name a file"};
    }
    if (std::filesystem::file_size(path, code) == 0) {
        return Error{"the file is empty", path, "copy it again from its source"};
    }
    const gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) {
        return Error{"the file cannot be read", path, "check its permissions"};
    }
    gzbuffer(file, 1U << 17U);
    return ByteReader(path, file);
}

Result<std::size_t> ByteReader::read(std::span<std::byte> bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        constexpr std::size_t kStep = std::size_t{1} << 30U;
        const auto wanted = static_cast<unsigned>(std::min(bytes.size() - done, kStep));
        const int got = gzread(asGzip(m_file.get()), bytes.data() + done, wanted);
        int failure = Z_OK;
        (void)gzerror(asGzip(m_file.get()), &failure);
        if (got < 0 || failure != Z_OK) {
            const bool cut = failure == Z_BUF_ERROR;
            return Error{
                cut ? "the gzip file ends early" : "the gzip file is damaged",
                m_path + ", unpacked byte " +
                    std::to_string(m_position + static_cast<std::size_t>(std::max(got, 0))),
                "copy it again from its source"};
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
        m_position += static_cast<std::size_t>(got);
    }
    return done;
}

}  // namespace bitloupe::data
