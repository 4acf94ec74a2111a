// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace bitloupe::hardware::scalesim {

/// The keys of an INI text, whatever their section, lower case, with the line they stand on.
class IniFile {
public:
    /// Errors: a line that is neither section, comment nor `key = value` / `key: value`.
    [[nodiscard]] static Result<IniFile> parse(std::string_view text, const std::string& source);

    /// The value of `key` (lower case), if it is there.
    [[nodiscard]] std::optional<std::string> find(const std::string& key) const;

    /// The value as an integer from `minimum` to `maximum`; `fallback` when the key is absent,
    /// an error when there is no fallback. Of a list "10, 20" the first number counts.
    [[nodiscard]] Result<std::int64_t> integer(const std::string& key, std::int64_t minimum,
                                               std::int64_t maximum,
                                               std::optional<std::int64_t> fallback = {}) const;

    /// "file, line 7" of a key, or "file" when it is absent.
    [[nodiscard]] std::string where(const std::string& key) const;

private:
    struct Entry {
        std::string value;
        int line = 0;
    };

    std::string m_source;
    std::map<std::string, Entry> m_entries;
};

}  // namespace bitloupe::hardware::scalesim
