// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/wide_integer.h"

#include <algorithm>

namespace bitloupe::exporters {

namespace {

constexpr int kWordBits = 64;

}  // namespace

bool WideInteger::bit(int place) const {
    const auto at = static_cast<unsigned>(place);
    return at / kWordBits >= m_words.size()
               ? negative()
               : ((m_words[at / kWordBits] >> at % kWordBits) & 1U) != 0;
}

void WideInteger::add(const WideInteger& other) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        const std::uint64_t sum = m_words[i] + other.m_words[i];
        const std::uint64_t withCarry = sum + carry;
        carry = (sum < m_words[i] ? 1U : 0U) | (withCarry < sum ? 1U : 0U);
        m_words[i] = withCarry;
    }
}

void WideInteger::add(std::int64_t significand, int shift) {
    WideInteger shifted;
    const auto value = static_cast<std::uint64_t>(significand);
    const std::uint64_t fill = significand < 0 ? ~std::uint64_t{0} : 0;
    const auto word = static_cast<std::size_t>(shift) / kWordBits;
    const unsigned offset = static_cast<unsigned>(shift) % kWordBits;
    for (std::size_t i = word; i < m_words.size(); ++i) {
        const std::uint64_t here = i == word ? value : fill;
        const std::uint64_t below = i == word ? 0 : i == word + 1 ? value : fill;
        shifted.m_words[i] =
            offset == 0 ? here : (here << offset) | (below >> (kWordBits - offset));
    }
    add(shifted);
}

void WideInteger::shiftRight(int count) {
    WideInteger result;
    for (int i = 0; i < static_cast<int>(m_words.size()) * kWordBits; ++i) {
        const auto at = static_cast<unsigned>(i);
        result.m_words[at / kWordBits] |= static_cast<std::uint64_t>(bit(i + count))
                                          << at % kWordBits;
    }
    *this = result;
}

void WideInteger::saturate(int bits) {
    bool fits = true;
    for (int i = bits - 1; i < static_cast<int>(m_words.size()) * kWordBits; ++i) {
        fits = fits && bit(i) == negative();
    }
    if (fits) {
        return;
    }
    const bool below = negative();
    WideInteger limit;
    limit.add(1, bits - 1);  // 2^(bits - 1)
    if (below) {
        for (std::uint64_t& word : limit.m_words) {
            word = ~word;
        }
        limit.add(1, 0);
    } else {
        limit.add(-1, 0);
    }
    *this = limit;
}

std::string WideInteger::hex(int bits) const {
    std::string digits;
    for (int low = 0; low < bits; low += 4) {
        unsigned digit = 0;
        for (int i = 0; i < 4 && low + i < bits; ++i) {
            digit |= static_cast<unsigned>(bit(low + i)) << static_cast<unsigned>(i);
        }
        digits.push_back("0123456789abcdef"[digit]);
    }
    std::reverse(digits.begin(), digits.end());
    return digits;
}

}  // namespace bitloupe::exporters
