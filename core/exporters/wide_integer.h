// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace bitloupe::exporters {

/// A two's complement integer of 1,024 bits, enough for any accumulator of 16-bit formats.
class WideInteger {
public:
    /// Adds significand * 2^shift (shift at least 0); bits beyond the top are lost.
    void add(std::int64_t significand, int shift);
    /// Shifts right by `count`, rounding toward minus infinity.
    void shiftRight(int count);
    void add(const WideInteger& other);
    /// The nearest value that `bits` bits of two's complement hold.
    void saturate(int bits);
    /// The low `bits` bits as hexadecimal digits.
    [[nodiscard]] std::string hex(int bits) const;
    [[nodiscard]] bool negative() const { return (m_words.back() >> 63U) != 0; }

private:
    [[nodiscard]] bool bit(int place) const;
    std::array<std::uint64_t, 16> m_words{};
};

}  // namespace bitloupe::exporters
