// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

/// The text of the files of an integer network (integer_files.h).
namespace bitloupe::exporters {

inline constexpr const char* kIntegerHeader = "# integer network, version 2";

/// A layer's name as a part of file names.
[[nodiscard]] std::string integerFileName(std::string layer);

/// The words of a text file, line by line. The first failure is kept, and what is read after it is
/// 0 or nothing.
class WordReader {
public:
    using Integers = std::vector<std::int64_t>;

    explicit WordReader(std::string path);

    [[nodiscard]] const std::vector<std::vector<std::string>>& lines() const { return m_lines; }
    [[nodiscard]] bool failed() const { return m_error.has_value(); }
    [[nodiscard]] const Error& error() const { return *m_error; }
    void fail(std::size_t line, const std::string& what);

    /// The line that starts with `key`; a failure when there is none.
    std::size_t lineOf(const std::string& key);
    [[nodiscard]] bool has(const std::string& key) const;
    /// A word of a line as a whole number from `low` to `high`, or as a number above 0.
    std::int64_t integer(std::size_t line, std::size_t word, std::int64_t low, std::int64_t high);
    double positive(std::size_t line, std::size_t word);
    /// The whole numbers of a line from word `first` on, until a word is none.
    Integers integers(std::size_t line, std::size_t first, std::int64_t low, std::int64_t high);
    /// Those behind the word `name` of a line; nothing when it is not there.
    std::optional<Integers> setting(std::size_t line, const std::string& name, std::int64_t low,
                                    std::int64_t high);

private:
    std::string m_path;
    std::vector<std::vector<std::string>> m_lines;
    std::optional<Error> m_error;
};

}  // namespace bitloupe::exporters
