// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bitloupe::data {

/// One character of a text and how many bytes it takes.
struct Character {
    std::uint32_t codePoint = 0;
    std::size_t bytes = 0;  ///< 0: no valid UTF-8 stands here
};

/// The character at byte `place`. Refuses what RFC 3629 refuses: longer forms than needed, halves
/// of surrogate pairs, numbers above 10FFFF.
[[nodiscard]] Character characterAt(std::string_view text, std::size_t place);

/// A code point as UTF-8.
[[nodiscard]] std::string utf8(std::uint32_t codePoint);

}  // namespace bitloupe::data
