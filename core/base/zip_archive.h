// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace bitloupe {

/// A zip file opened for reading. One thread at a time may use it.
class ZipArchive {
public:
    struct Entry {
        std::string name;
        std::uint64_t size = 0;        ///< unpacked
        std::uint64_t packedSize = 0;  ///< in the file
    };

    /// Errors: not there, not a zip file, cut short. `path` is named in every later error too.
    static Result<ZipArchive> open(const std::string& path);

    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    [[nodiscard]] const Entry* find(const std::string& name) const;

    /// The unpacked entry. Refuses one that is missing, encrypted, larger than `maxBytes`, that
    /// does not match its checksum, or that unpacks to another size than it declares; memory never
    /// grows past `maxBytes`.
    [[nodiscard]] Result<std::string> read(const std::string& name, std::uint64_t maxBytes) const;

private:
    struct Close {
        void operator()(void* archive) const;
    };

    std::string m_path;
    std::unique_ptr<void, Close> m_archive;  // libzip's zip_t, kept out of this header
    std::vector<Entry> m_entries;
};

}  // namespace bitloupe
