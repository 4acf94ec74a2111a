// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/numerics/format_parameters.h"

namespace bitloupe::numerics {

/// The exact sum of products of posits: a fixed-point number whose last bit is minpos^2 and whose
/// top holds 2^32 products of maxpos (Posit Standard 2022, section 3.3). What hardware with a quire
/// must give, bit for bit: nothing is rounded before rounded().
class Quire {
public:
    explicit Quire(const PositParameters& format) : m_format(format) {}

    /// Adds a * b. Both are rounded to the format first; a NaN or an infinity makes the sum NaR.
    void addProduct(float a, float b);

    /// The posit nearest to the sum (ties to the even bit string, never to zero, saturating);
    /// NaN for NaR.
    [[nodiscard]] float rounded() const;

private:
    // 4 * 126 bits between minpos^2 and maxpos^2, 32 for carries, one for the sign.
    using Words = std::array<std::uint64_t, 9>;

    void add(std::uint64_t significand, int shift, bool negative);

    PositParameters m_format;
    Words m_words{};
    bool m_notReal = false;
};

/// Sum of a[i] * b[i] in a quire, rounded once. The spans have one length (std::logic_error
/// otherwise) of at most 2^32.
[[nodiscard]] float quireDot(const PositParameters& format, std::span<const float> a,
                             std::span<const float> b);

}  // namespace bitloupe::numerics
