// SPDX-License-Identifier: Apache-2.0
#include "core/data/text/utf8.h"

#include <array>

namespace bitloupe::data {

Character characterAt(std::string_view text, std::size_t place) {
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byteAt(place);
    if (lead < 0x80) {
        return {lead, 1};
    }
    const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes > text.size() - place) {
        return {};
    }
    std::uint32_t codePoint = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byteAt(place + i) & 0xc0U) != 0x80) {
            return {};
        }
        codePoint = codePoint << 6U | (byteAt(place + i) & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return codePoint < kLeast[bytes] || surrogate || codePoint > 0x10ffff
               ? Character{}
               : Character{codePoint, bytes};
}

std::string utf8(std::uint32_t codePoint) {
    const auto tail = [&](unsigned shift) {
        return static_cast<char>(0x80U | (codePoint >> shift & 0x3fU));
    };
    if (codePoint < 0x80) {
        return {static_cast<char>(codePoint)};
    }
    if (codePoint < 0x800) {
        return {static_cast<char>(0xc0U | codePoint >> 6U), tail(0)};
    }
    if (codePoint < 0x10000) {
        return {static_cast<char>(0xe0U | codePoint >> 12U), tail(6), tail(0)};
    }
    return {static_cast<char>(0xf0U | codePoint >> 18U), tail(12), tail(6), tail(0)};
}

}  // namespace bitloupe::data
