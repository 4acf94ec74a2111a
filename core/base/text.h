// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Small text helpers that do not depend on the locale: what is written to files and parsed from
/// them.
namespace bitloupe::text {

/// The shortest decimal text that reads back as the same double.
[[nodiscard]] std::string number(double value);

/// The whole of `text` as a number, or nothing ("12x", "", " 1" are not numbers).
[[nodiscard]] std::optional<std::int64_t> parseInteger(std::string_view text);
[[nodiscard]] std::optional<double> parseNumber(std::string_view text);

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string trim(std::string_view text);

/// The candidate nearest to `word` by edit distance when it is near enough to be a typing slip,
/// else "".
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

}  // namespace bitloupe::text
