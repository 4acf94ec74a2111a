// SPDX-License-Identifier: Apache-2.0
#include "core/base/sha256.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bitloupe {
namespace {

// FIPS 180-4 defines the constants as the first 32 fractional bits of the cube roots of the first
// 64 primes; deriving them keeps 64 magic numbers out of this file. A long double holds the at most
// 3 integer and 32 fractional bits with room to spare.
std::array<std::uint32_t, 64> makeRoundConstants() {
    std::array<std::uint32_t, 64> constants{};
    std::size_t found = 0;
    for (unsigned candidate = 2; found < constants.size(); ++candidate) {
        bool prime = true;
        for (unsigned divisor = 2; divisor * divisor <= candidate; ++divisor) {
            prime = prime && candidate % divisor != 0;
        }
        if (prime) {
            const long double root = std::cbrt(static_cast<long double>(candidate));
            constants[found++] =
                static_cast<std::uint32_t>((root - std::floor(root)) * 4294967296.0L);
        }
    }
    return constants;
}

std::uint32_t bigEndianWord(const std::byte* bytes) {
    std::uint32_t word = 0;
    for (int i = 0; i < 4; ++i) {
        word = word << 8 | std::to_integer<std::uint32_t>(bytes[i]);
    }
    return word;
}

std::array<std::uint32_t, 64> expandBlock(const std::byte* block) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i) {
        w[i] = bigEndianWord(block + 4 * i);
    }
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t a = w[i - 15];
        const std::uint32_t b = w[i - 2];
        w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) + w[i - 7] +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
    }
    return w;
}

}  // namespace

void Sha256::compress(const std::byte* block) {
    static const std::array<std::uint32_t, 64> kRoundConstants = makeRoundConstants();
    const std::array<std::uint32_t, 64> w = expandBlock(block);
    auto [a, b, c, d, e, f, g, h] = m_state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                    ((e & f) ^ (~e & g)) + kRoundConstants[i] + w[i];
        const std::uint32_t second =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const std::array<std::uint32_t, 8> change = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < m_state.size(); ++i) {
        m_state[i] += change[i];
    }
}

Sha256& Sha256::add(std::span<const std::byte> bytes) {
    const std::size_t pending = m_length % 64;
    m_length += bytes.size();
    if (pending > 0) {
        const std::size_t taken = std::min(bytes.size(), 64 - pending);
        std::copy_n(bytes.begin(), taken, m_pending.begin() + static_cast<std::ptrdiff_t>(pending));
        bytes = bytes.subspan(taken);
        if (pending + taken < 64) {
            return *this;
        }
        compress(m_pending.data());
    }
    for (; bytes.size() >= 64; bytes = bytes.subspan(64)) {
        compress(bytes.data());
    }
    std::copy(bytes.begin(), bytes.end(), m_pending.begin());
    return *this;
}

Sha256& Sha256::add(std::string_view text) {
    return add(std::as_bytes(std::span(text.data(), text.size())));
}

Sha256& Sha256::add(std::uint64_t number) {
    std::array<std::byte, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::byte>(number >> (8 * i) & 0xff);
    }
    return add(std::span<const std::byte>(bytes));
}

std::string Sha256::hex() const {
    Sha256 padded = *this;
    const std::uint64_t bits = m_length * 8;
    std::array<std::byte, 72> tail{};
    tail[0] = std::byte{0x80};
    const std::size_t zeros = (55 + 64 - m_length % 64) % 64;
    for (std::size_t i = 0; i < 8; ++i) {
        tail.at(1 + zeros + i) = static_cast<std::byte>(bits >> (56 - 8 * i) & 0xff);
    }
    padded.add(std::span<const std::byte>(tail.data(), zeros + 9));
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint32_t word : padded.m_state) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            text += kDigits[word >> shift & 0xf];
        }
    }
    return text;
}

}  // namespace bitloupe
