// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"

namespace bitloupe::data {

/// Reads a file from its beginning on, unpacking it on the way when it is gzipped.
class ByteReader {
public:
    /// Errors: no such file, not a regular file, empty.
    [[nodiscard]] static Result<ByteReader> open(const std::string& path);

    /// Fills `bytes` as far as the file goes and returns how many came. Errors: a gzip stream that
    /// ends early or is damaged.
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> bytes);

    /// Unpacked bytes read so far.
    [[nodiscard]] std::uint64_t position() const { return m_position; }
    [[nodiscard]] const std::string& path() const { return m_path; }

private:
    struct Close {
        void operator()(void* file) const;
    };
    ByteReader(std::string path, void* file) : m_path(std::move(path)), m_file(file) {}

    std::string m_path;
    std::unique_ptr<void, Close> m_file;
    std::uint64_t m_position = 0;
};

}  // namespace bitloupe::data
