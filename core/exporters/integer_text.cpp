// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_text.h"

#include <algorithm>
#include <sstream>

#include "core/base/file.h"
#include "core/base/text.h"

namespace bitloupe::exporters {

namespace {

constexpr std::uint64_t kLargestText = std::uint64_t{1} << 30U;

const std::vector<std::string>& lineAt(const std::vector<std::vector<std::string>>& lines,
                                       std::size_t line) {
    static const std::vector<std::string> kNone;
    return line < lines.size() ? lines[line] : kNone;
}

}  // namespace

std::string integerFileName(std::string layer) {
    std::replace_if(
        layer.begin(), layer.end(),
        [](char c) { return c == '/' || c == '\\' || c == ':' || c == ' '; }, '_');
    return layer;
}

WordReader::WordReader(std::string path) : m_path(std::move(path)) {
    const Result<std::string> content = readFile(m_path, kLargestText);
    if (content.hasError()) {
        m_error = content.error();
        return;
    }
    std::istringstream stream(content.value());
    for (std::string line; std::getline(stream, line);) {
        std::istringstream parts(line);
        std::vector<std::string>& found = m_lines.emplace_back();
        for (std::string word; parts >> word;) {
            found.push_back(word);
        }
    }
}

void WordReader::fail(std::size_t line, const std::string& what) {
    if (!m_error) {
        m_error =
            Error{what, m_path + ", line " + std::to_string(line + 1), "export the design again"};
    }
}

bool WordReader::has(const std::string& key) const {
    return std::any_of(m_lines.begin(), m_lines.end(),
                       [&](const auto& line) { return !line.empty() && line.front() == key; });
}

std::size_t WordReader::lineOf(const std::string& key) {
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        if (!m_lines[i].empty() && m_lines[i].front() == key) {
            return i;
        }
    }
    fail(m_lines.size(), "there is no " + key);
    return m_lines.size();
}

std::int64_t WordReader::integer(std::size_t line, std::size_t word, std::int64_t low,
                                 std::int64_t high) {
    const auto& parts = lineAt(m_lines, line);
    const auto value = word < parts.size() ? text::parseInteger(parts[word]) : std::nullopt;
    if (!value || *value < low || *value > high) {
        fail(line, "a whole number between " + std::to_string(low) + " and " +
                       std::to_string(high) + " is missing");
        return low;
    }
    return *value;
}

double WordReader::positive(std::size_t line, std::size_t word) {
    const auto& parts = lineAt(m_lines, line);
    const auto value = word < parts.size() ? text::parseNumber(parts[word]) : std::nullopt;
    if (!value || !(*value > 0)) {
        fail(line, "a number above 0 is missing");
    }
    return value.value_or(1);
}

WordReader::Integers WordReader::integers(std::size_t line, std::size_t first, std::int64_t low,
                                          std::int64_t high) {
    Integers values;
    const auto& parts = lineAt(m_lines, line);
    for (std::size_t i = first; i < parts.size() && !failed(); ++i) {
        if (!text::parseInteger(parts[i])) {
            break;
        }
        values.push_back(integer(line, i, low, high));
    }
    return values;
}

std::optional<WordReader::Integers> WordReader::setting(std::size_t line, const std::string& name,
                                                        std::int64_t low, std::int64_t high) {
    const auto& parts = lineAt(m_lines, line);
    const auto found = std::find(parts.begin(), parts.end(), name);
    if (found == parts.end()) {
        return std::nullopt;
    }
    return integers(line, static_cast<std::size_t>(found - parts.begin()) + 1, low, high);
}

}  // namespace bitloupe::exporters
