// SPDX-License-Identifier: Apache-2.0
#include "tests/core/numerics/reference_formats.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::testing {

namespace {

std::string bitString(std::uint32_t code, int width) {
    std::string text;
    for (int i = width - 1; i >= 0; --i) {
        text += ((code >> i) & 1U) != 0 ? '1' : '0';
    }
    return text;
}

std::int64_t naturalNumber(const std::string& bits) {
    std::int64_t number = 0;
    for (const char bit : bits) {
        number = 2 * number + (bit == '1' ? 1 : 0);
    }
    return number;
}

std::int64_t twosComplement(const std::string& bits) {
    const std::int64_t number = naturalNumber(bits);
    return bits[0] == '1' ? number - (std::int64_t{1} << bits.size()) : number;
}

bool isEven(const Code& code) {
    return code.bits % 2 == 0;
}

/// Sorts, and puts the borders half way, ties to the even code.
void finish(WrittenFormat& format) {
    std::sort(format.codes.begin(), format.codes.end(),
              [](const Code& a, const Code& b) { return a.value < b.value; });
    for (std::size_t i = 0; i + 1 < format.codes.size(); ++i) {
        const double half = (format.codes[i].value + format.codes[i + 1].value) / 2;
        format.borders.push_back({half, !isEven(format.codes[i])});
    }
}

}  // namespace

std::size_t WrittenFormat::nearest(double x) const {
    // Borders ascend: the first one x stays below decides.
    const auto staysBelow = [](double value, const Border& border) {
        return value < border.at || (value == border.at && !border.equalGoesUp);
    };
    const auto found = std::upper_bound(borders.begin(), borders.end(), x, staysBelow);
    return static_cast<std::size_t>(found - borders.begin());
}

WrittenFormat writtenInteger(int bits, bool isSigned) {
    WrittenFormat format{(isSigned ? "int" : "uint") + std::to_string(bits), bits, {}, {}};
    for (std::uint32_t code = 0; code < (1U << bits); ++code) {
        const std::string text = bitString(code, bits);
        format.codes.push_back(
            {code, static_cast<double>(isSigned ? twosComplement(text) : naturalNumber(text))});
    }
    finish(format);
    return format;
}

WrittenFormat writtenFixed(int width, int integerBits, bool isSigned) {
    WrittenFormat format = writtenInteger(width, isSigned);
    format.name = std::string(isSigned ? "" : "u") + "fixed<" + std::to_string(width) + "," +
                  std::to_string(integerBits) + ">";
    for (Code& code : format.codes) {
        code.value = std::ldexp(code.value, integerBits - width);
    }
    format.borders.clear();
    finish(format);
    return format;
}

WrittenFormat writtenFloat(int exponentBits, int mantissaBits, const std::string& specials,
                           bool subnormals) {
    const int width = 1 + exponentBits + mantissaBits;
    WrittenFormat format{
        "float<" + std::to_string(exponentBits) + "," + std::to_string(mantissaBits) +
            (specials == "ieee" ? "" : "," + specials) + (subnormals ? ">" : ",nosub>"),
        width,
        {},
        {}};
    const int bias = static_cast<int>(std::pow(2, exponentBits - 1)) - (specials == "fnuz" ? 0 : 1);
    const auto top = static_cast<std::int64_t>(std::pow(2, exponentBits)) - 1;
    for (std::uint32_t code = 0; code < (1U << width); ++code) {
        const std::string text = bitString(code, width);
        const std::string digits = text.substr(1 + static_cast<std::size_t>(exponentBits));
        const std::int64_t exponent =
            naturalNumber(text.substr(1, static_cast<std::size_t>(exponentBits)));
        const std::int64_t mantissa = naturalNumber(digits);
        const bool minus = text[0] == '1';
        const bool isSpecial =
            (specials == "ieee" && exponent == top) ||
            (specials == "fn" && text.substr(1).find('0') == std::string::npos) ||
            (minus && exponent == 0 && mantissa == 0);  // the other zero, or fnuz's NaN
        const bool isUnused = exponent == 0 && mantissa != 0 && !subnormals;
        if (isSpecial || isUnused) {
            continue;
        }
        const double fraction = static_cast<double>(mantissa) / std::pow(2, mantissaBits);
        const double magnitude = exponent == 0
                                     ? std::ldexp(fraction, 1 - bias)
                                     : std::ldexp(1 + fraction, static_cast<int>(exponent) - bias);
        format.codes.push_back({code, minus ? -magnitude : magnitude});
    }
    finish(format);
    if (!subnormals) {  // the codes of 0 and of the smallest normal value are no neighbours: a tie
                        // goes to 0
        for (Border& border : format.borders) {
            const double smallest = std::ldexp(1.0, 1 - bias);
            if (std::abs(border.at) == smallest / 2) {
                border.equalGoesUp = border.at < 0;
            }
        }
    }
    format.hasInfinity = specials == "ieee";
    format.hasNan =
        specials == "fn" || specials == "fnuz" || (specials == "ieee" && mantissaBits > 0);
    return format;
}

std::optional<double> positValue(const std::string& bits, int exponentBits) {
    if (bits.find('1') == std::string::npos) {
        return 0.0;
    }
    if (bits[0] == '1') {
        std::string negated = bits;  // two's complement: invert, add one
        for (char& bit : negated) {
            bit = bit == '1' ? '0' : '1';
        }
        for (std::size_t i = negated.size(); i-- > 0;) {
            negated[i] = negated[i] == '1' ? '0' : '1';
            if (negated[i] == '1') {
                break;
            }
        }
        if (negated == bits) {
            return std::nullopt;
        }
        return -*positValue(negated, exponentBits);
    }
    std::size_t at = 1;
    const char first = bits[at];
    int run = 0;
    while (at < bits.size() && bits[at] == first) {
        ++run;
        ++at;
    }
    ++at;  // the bit that ends the regime
    const int regime = first == '1' ? run - 1 : -run;
    int exponent = 0;
    for (int i = 0; i < exponentBits; ++i, ++at) {
        exponent = 2 * exponent + (at < bits.size() && bits[at] == '1' ? 1 : 0);
    }
    double significand = 1;
    for (double place = 0.5; at < bits.size(); ++at, place /= 2) {
        significand += bits[at] == '1' ? place : 0;
    }
    return std::ldexp(significand, regime * (1 << exponentBits) + exponent);
}

WrittenFormat writtenPosit(int bits, int exponentBits) {
    WrittenFormat format{
        "posit<" + std::to_string(bits) + "," + std::to_string(exponentBits) + ">", bits, {}, {}};
    for (std::uint32_t code = 0; code < (1U << bits); ++code) {
        const std::optional<double> value = positValue(bitString(code, bits), exponentBits);
        if (value.has_value()) {
            format.codes.push_back({code, *value});
        }
    }
    finish(format);
    // Rounding is to the nearest bit string: the border is the posit one bit longer, half way in
    // bits.
    for (std::size_t i = 0; i + 1 < format.codes.size(); ++i) {
        const double lower = format.codes[i].value;
        const double upper = format.codes[i + 1].value;
        if (lower == 0 || upper == 0) {  // never to zero
            format.borders[i] = {0, lower == 0};
            format.borders[i].equalGoesUp = upper == 0;
            continue;
        }
        const std::string longer = bitString(format.codes[i].bits, bits) + "1";
        format.borders[i].at = *positValue(longer, exponentBits);
    }
    format.hasNan = true;
    format.infinityIsNan = true;
    format.neverToZero = true;
    return format;
}

WrittenFormat writtenPowerOfTwo(int bits) {
    WrittenFormat format{"pow2<" + std::to_string(bits) + ">", bits, {}, {}};
    const int largest = (1 << (bits - 1)) - 1;
    for (std::uint32_t code = 0; code < (1U << bits); ++code) {
        const std::string text = bitString(code, bits);
        const auto step = static_cast<int>(naturalNumber(text.substr(1)));
        if (step == 0 && text[0] == '1') {
            continue;  // the other zero
        }
        const double magnitude = step == 0 ? 0 : std::pow(2.0, step - largest);
        format.codes.push_back({code, text[0] == '1' ? -magnitude : magnitude});
    }
    finish(format);
    return format;
}

WrittenFormat writtenMidRise(int bits) {
    WrittenFormat format = writtenInteger(bits, true);
    format.name = "midrise<" + std::to_string(bits) + ">";
    for (Code& code : format.codes) {
        code.value += 0.5;
    }
    for (Border& border : format.borders) {
        border = {border.at + 0.5, true};
    }
    return format;
}

WrittenFormat writtenBinary() {
    return {"binary", 1, {{0, -1.0}, {1, 1.0}}, {{0.0, true}}};
}

WrittenFormat writtenTernary() {
    return {"ternary", 2, {{3, -1.0}, {0, 0.0}, {1, 1.0}}, {{-0.5, true}, {0.5, false}}};
}

namespace {

void addStandardNames(std::vector<WrittenFormat>& formats) {
    struct Named {
        std::string name;
        WrittenFormat format;
    };
    for (Named& named : std::vector<Named>{{"fp16", writtenFloat(5, 10, "ieee", true)},
                                           {"bf16", writtenFloat(8, 7, "ieee", true)},
                                           {"fp8e4m3", writtenFloat(4, 3, "fn", true)},
                                           {"fp8e5m2", writtenFloat(5, 2, "ieee", true)},
                                           {"fp8e4m3fnuz", writtenFloat(4, 3, "fnuz", true)},
                                           {"fp8e5m2fnuz", writtenFloat(5, 2, "fnuz", true)},
                                           {"fp6e3m2", writtenFloat(3, 2, "finite", true)},
                                           {"fp6e2m3", writtenFloat(2, 3, "finite", true)},
                                           {"fp4e2m1", writtenFloat(2, 1, "finite", true)}}) {
        named.format.name = named.name;
        formats.push_back(std::move(named.format));
    }
}

void addFloats(std::vector<WrittenFormat>& formats) {
    for (int exponentBits = 2; exponentBits <= 8; ++exponentBits) {
        for (int mantissaBits = 0; 1 + exponentBits + mantissaBits <= 16; ++mantissaBits) {
            for (const char* specials : {"ieee", "fn", "fnuz", "finite"}) {
                if (exponentBits < 8 || std::string(specials) == "ieee") {
                    formats.push_back(writtenFloat(exponentBits, mantissaBits, specials, true));
                    formats.push_back(writtenFloat(exponentBits, mantissaBits, specials, false));
                }
            }
        }
    }
}

}  // namespace

std::vector<WrittenFormat> everyWrittenFormat() {
    std::vector<WrittenFormat> formats = {writtenBinary(), writtenTernary()};
    addStandardNames(formats);
    addFloats(formats);
    for (int bits = 2; bits <= 16; ++bits) {
        formats.push_back(writtenInteger(bits, true));
        formats.push_back(writtenInteger(bits, false));
        for (int integerBits = 0; integerBits <= bits; ++integerBits) {
            if (bits > 10 && integerBits % 5 != 1) {
                continue;  // the same integers times another power of two
            }
            formats.push_back(writtenFixed(bits, integerBits, true));
            formats.push_back(writtenFixed(bits, integerBits, false));
        }
        for (int exponentBits = 0; ((bits - 2) << exponentBits) <= 126 && exponentBits <= 6;
             ++exponentBits) {
            formats.push_back(writtenPosit(bits, exponentBits));
        }
    }
    for (int bits = 2; bits <= 8; ++bits) {
        formats.push_back(writtenPowerOfTwo(bits));
    }
    for (int bits = 1; bits <= 16; ++bits) {
        formats.push_back(writtenMidRise(bits));
    }
    return formats;
}

}  // namespace bitloupe::testing
