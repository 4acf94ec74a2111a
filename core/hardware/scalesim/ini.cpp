// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/ini.h"

#include <algorithm>
#include <cctype>

#include "core/base/text.h"

namespace bitloupe::hardware::scalesim {

namespace {

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool isComment(const std::string& line) {
    return line.front() == '#' || line.front() == ';';
}

}  // namespace

Result<IniFile> IniFile::parse(std::string_view text, const std::string& source) {
    IniFile file;
    file.m_source = source;
    int number = 0;
    for (const std::string& raw : text::split(text, '\n')) {
        ++number;
        const std::string line = text::trim(raw);
        if (line.empty() || isComment(line) || line.front() == '[') {
            continue;
        }
        const std::size_t separator = line.find_first_of("=:");
        if (separator == std::string::npos || separator == 0) {
            return Error{"this is not a configuration line: \"" + line.substr(0, 40) + "\"",
                         source + ", line " + std::to_string(number),
                         "write KEY = VALUE, or start a comment with #"};
        }
        file.m_entries[lowerCase(text::trim(line.substr(0, separator)))] = {
            text::trim(line.substr(separator + 1)), number};
    }
    return file;
}

std::optional<std::string> IniFile::find(const std::string& key) const {
    const auto entry = m_entries.find(key);
    if (entry == m_entries.end()) {
        return std::nullopt;
    }
    return entry->second.value;
}

Result<std::int64_t> IniFile::integer(const std::string& key, std::int64_t minimum,
                                      std::int64_t maximum,
                                      std::optional<std::int64_t> fallback) const {
    const std::optional<std::string> value = find(key);
    const std::string range =
        "give a whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum);
    if (!value.has_value()) {
        if (fallback.has_value()) {
            return *fallback;
        }
        return Error{"the key " + key + " is missing", m_source, range};
    }
    const auto number = text::parseInteger(text::trim(text::split(*value, ',').front()));
    if (!number.has_value() || *number < minimum || *number > maximum) {
        return Error{key + " is \"" + *value + "\"", where(key), range};
    }
    return *number;
}

std::string IniFile::where(const std::string& key) const {
    const auto entry = m_entries.find(key);
    if (entry == m_entries.end()) {
        return m_source;
    }
    return m_source + ", line " + std::to_string(entry->second.line);
}

}  // namespace bitloupe::hardware::scalesim
