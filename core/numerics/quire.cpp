// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/quire.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "core/numerics/scalar_codes.h"

namespace bitloupe::numerics {

namespace {

constexpr int kWordBits = 64;

/// The exponent of maxpos; minpos has its opposite.
int largestExponent(const PositParameters& format) {
    return (format.bits - 2) << format.exponentBits;
}

template <typename Words>
bool bitAt(const Words& words, int index) {
    return index >= 0 &&
           ((words[static_cast<std::size_t>(index / kWordBits)] >> (index % kWordBits)) & 1U) != 0;
}

template <typename Words>
int topBit(const Words& words) {
    int top = static_cast<int>(words.size()) * kWordBits - 1;
    while (top >= 0 && !bitAt(words, top)) {
        --top;
    }
    return top;
}

template <typename Words>
Words negated(Words words) {
    std::uint64_t carry = 1;
    for (std::uint64_t& word : words) {
        word = ~word + carry;
        carry = carry != 0 && word == 0 ? 1 : 0;
    }
    return words;
}

/// Whether any bit below `index` is set.
template <typename Words>
bool anyBelow(const Words& words, int index) {
    for (int i = 0; i < index; ++i) {
        if (bitAt(words, i)) {
            return true;
        }
    }
    return false;
}

/// The bits after the sign of a posit of endless length: regime, exponent, and the bits of a
/// magnitude below its top one.
template <typename Words>
class EndlessPosit {
public:
    EndlessPosit(const Words& magnitude, int top, int exponent, int exponentBits)
        : m_magnitude(magnitude), m_top(top), m_exponent(exponent), m_exponentBits(exponentBits) {
        const int regime = exponent >> exponentBits;
        m_ones = regime >= 0;
        m_run = m_ones ? regime + 2 : 1 - regime;
    }

    [[nodiscard]] bool bit(int i) const {
        if (i < m_run) {
            return m_ones == (i < m_run - 1);
        }
        const int fraction = i - m_run - m_exponentBits;
        return fraction < 0 ? ((m_exponent >> (-fraction - 1)) & 1) != 0
                            : bitAt(m_magnitude, m_top - 1 - fraction);
    }

    [[nodiscard]] bool anyFrom(int i) const {
        const int firstFraction = m_run + m_exponentBits;
        for (; i < firstFraction; ++i) {
            if (bit(i)) {
                return true;
            }
        }
        return anyBelow(m_magnitude, m_top - (i - firstFraction));
    }

    /// The first `kept` bits, rounded to nearest even, never to zero.
    [[nodiscard]] std::uint32_t rounded(int kept) const {
        std::uint32_t code = 0;
        for (int i = 0; i < kept; ++i) {
            code = 2 * code + (bit(i) ? 1U : 0U);
        }
        const bool up = bit(kept) && (anyFrom(kept + 1) || (code & 1U) != 0);
        return std::max(code + (up ? 1U : 0U), 1U);
    }

private:
    const Words& m_magnitude;
    int m_top;
    int m_exponent;
    int m_exponentBits;
    int m_run;
    bool m_ones;
};

}  // namespace

void Quire::addProduct(float a, float b) {
    const float x = decodeScalar(m_format, encodeScalar(m_format, a));
    const float y = decodeScalar(m_format, encodeScalar(m_format, b));
    if (std::isnan(x) || std::isnan(y)) {
        m_notReal = true;
    }
    if (m_notReal || x == 0 || y == 0) {
        return;
    }
    // Two significands of at most 14 bits: their product is exact, and a multiple of minpos^2.
    const double product = static_cast<double>(x) * y;
    int exponent = 0;
    const double significand = std::frexp(std::abs(product), &exponent);
    constexpr int kDigits = std::numeric_limits<double>::digits;
    auto bits = static_cast<std::uint64_t>(std::ldexp(significand, kDigits));
    int shift = exponent - kDigits + 2 * largestExponent(m_format);
    while (shift < 0) {  // zeros: the product has no bit below minpos^2
        bits >>= 1;
        ++shift;
    }
    add(bits, shift, product < 0);
}

void Quire::add(std::uint64_t significand, int shift, bool negative) {
    Words term{};
    const auto word = static_cast<std::size_t>(shift / kWordBits);
    const int offset = shift % kWordBits;
    term[word] = significand << offset;
    if (offset != 0 && word + 1 < term.size()) {
        term[word + 1] = significand >> (kWordBits - offset);
    }
    std::uint64_t carry = negative ? 1 : 0;  // two's complement: invert and add one
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        const std::uint64_t addend = negative ? ~term[i] : term[i];
        const std::uint64_t sum = m_words[i] + addend;
        const std::uint64_t total = sum + carry;
        carry = (sum < addend ? 1U : 0U) | (total < carry ? 1U : 0U);
        m_words[i] = total;
    }
}

float Quire::rounded() const {
    if (m_notReal) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    const bool negative = (m_words.back() >> (kWordBits - 1)) != 0;
    const Words magnitude = negative ? negated(m_words) : m_words;
    const int top = topBit(magnitude);
    if (top < 0) {
        return 0;
    }
    const int largest = largestExponent(m_format);
    const int exponent = top - 2 * largest;
    std::uint32_t code = 1;
    if (exponent >= largest) {
        code = (1U << (m_format.bits - 1)) - 1;
    } else if (exponent >= -largest) {
        code = EndlessPosit(magnitude, top, exponent, m_format.exponentBits)
                   .rounded(m_format.bits - 1);
    }
    const float value = decodeScalar(m_format, code);
    return negative ? -value : value;
}

float quireDot(const PositParameters& format, std::span<const float> a, std::span<const float> b) {
    if (a.size() != b.size()) {
        throw std::logic_error("a dot product needs vectors of one length");
    }
    Quire quire(format);
    for (std::size_t i = 0; i < a.size(); ++i) {
        quire.addProduct(a[i], b[i]);
    }
    return quire.rounded();
}

}  // namespace bitloupe::numerics
