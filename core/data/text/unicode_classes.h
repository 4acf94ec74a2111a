// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The classes of characters that the word pattern of GPT-2's tokens asks for.
namespace bitloupe::data::unicode {

/// General categories L* and N* of the Unicode Character Database, and the property White_Space.
[[nodiscard]] bool isLetter(std::uint32_t codePoint);
[[nodiscard]] bool isNumber(std::uint32_t codePoint);
[[nodiscard]] bool isSpace(std::uint32_t codePoint);

}  // namespace bitloupe::data::unicode
