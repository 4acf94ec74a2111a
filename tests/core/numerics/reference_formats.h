// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The slow truth the library is tested against; it shares no code with it.
///
/// A code is a string of '0' and '1' read by the book. Every finite value of these formats is k *
/// 2^e with |k| < 2^17 and -150 < e < 128, so a double holds it exactly, and the sum of two
/// neighbours too.
namespace bitloupe::testing {

struct Code {
    std::uint32_t bits;
    double value;
};

/// Which value a real number between two neighbours goes to.
struct Border {
    double at;         ///< below it the lower neighbour, above it the upper one
    bool equalGoesUp;  ///< at it
};

/// A scalar format written out: its finite codes in ascending order of value, and the border above
/// each.
struct WrittenFormat {
    std::string name;
    int width = 0;
    std::vector<Code> codes;      ///< one per value; zero without a sign
    std::vector<Border> borders;  ///< one less than codes
    bool hasInfinity = false;
    bool hasNan = false;
    bool infinityIsNan = false;  ///< posits
    bool neverToZero = false;    ///< posits

    [[nodiscard]] std::size_t nearest(double x) const;
};

[[nodiscard]] WrittenFormat writtenInteger(int bits, bool isSigned);
[[nodiscard]] WrittenFormat writtenFixed(int width, int integerBits, bool isSigned);
/// specials: "ieee", "fn", "fnuz" or "finite"
[[nodiscard]] WrittenFormat writtenFloat(int exponentBits, int mantissaBits,
                                         const std::string& specials, bool subnormals);
[[nodiscard]] WrittenFormat writtenPosit(int bits, int exponentBits);
[[nodiscard]] WrittenFormat writtenPowerOfTwo(int bits);
[[nodiscard]] WrittenFormat writtenMidRise(int bits);
[[nodiscard]] WrittenFormat writtenBinary();
[[nodiscard]] WrittenFormat writtenTernary();

/// Every scalar format of up to 16 bits that has a name, standard names included.
[[nodiscard]] std::vector<WrittenFormat> everyWrittenFormat();

/// The value of a posit's bit string, nothing for NaR.
[[nodiscard]] std::optional<double> positValue(const std::string& bits, int exponentBits);

}  // namespace bitloupe::testing
