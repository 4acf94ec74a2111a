// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bitloupe {

/// SHA-256 (FIPS 180-4) of everything added, in order. Names networks and data sets by content;
/// nothing secret hangs on it.
class Sha256 {
public:
    Sha256& add(std::span<const std::byte> bytes);
    Sha256& add(std::string_view text);
    /// The number as eight bytes, little-endian: keeps neighbouring parts apart (lengths, shapes).
    Sha256& add(std::uint64_t number);

    /// 64 lower-case hexadecimal digits. More may be added afterwards.
    [[nodiscard]] std::string hex() const;

private:
    void compress(const std::byte* block);

    std::array<std::uint32_t, 8> m_state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> m_pending{};
    std::uint64_t m_length = 0;  ///< bytes so far; m_length % 64 of them are pending
};

}  // namespace bitloupe
