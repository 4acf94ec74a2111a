// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace bitloupe::data {

/// Bytes of the piece of `text` that begins at byte `place` and is encoded by itself; 0 where no
/// valid UTF-8 stands. GPT-2's pattern:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
[[nodiscard]] std::size_t pieceAt(std::string_view text, std::size_t place);

}  // namespace bitloupe::data
