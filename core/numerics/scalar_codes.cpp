// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/scalar_codes.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/numerics/scalar_rounding.h"
#include "core/numerics/scalar_traits.h"

namespace bitloupe::numerics {

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::uint32_t lowBits(int bits) {
    return (1U << bits) - 1;
}

/// `bits` low bits of a code as two's complement.
std::int32_t signExtended(std::uint32_t code, int bits) {
    const std::uint32_t sign = 1U << (bits - 1);
    return static_cast<std::int32_t>((code & lowBits(bits)) ^ sign) -
           static_cast<std::int32_t>(sign);
}

std::uint32_t integerCode(float value, int bits) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(value)) & lowBits(bits);
}

float decodeInteger(std::uint32_t code, int bits, bool isSigned) {
    return static_cast<float>(isSigned ? signExtended(code, bits)
                                       : static_cast<std::int32_t>(code & lowBits(bits)));
}

float decodeFloat(const FloatParameters& p, std::uint32_t code) {
    const std::uint32_t mantissa = code & lowBits(p.mantissaBits);
    const std::uint32_t exponent = (code >> p.mantissaBits) & lowBits(p.exponentBits);
    const bool negative = ((code >> (p.mantissaBits + p.exponentBits)) & 1U) != 0;
    const bool topExponent = exponent == lowBits(p.exponentBits);
    const bool allOnes = topExponent && mantissa == lowBits(p.mantissaBits);
    if (p.specials == FloatSpecials::Ieee && topExponent) {
        const float magnitude = mantissa == 0 ? kInfinity : kNan;
        return negative ? -magnitude : magnitude;
    }
    if ((p.specials == FloatSpecials::Fn && allOnes) ||
        (p.specials == FloatSpecials::Fnuz && negative && exponent == 0 && mantissa == 0)) {
        return kNan;
    }
    if (exponent == 0 && !p.subnormals && mantissa != 0) {
        return kNan;  // a code that is not used
    }
    const std::uint32_t hidden = exponent == 0 ? 0U : 1U << p.mantissaBits;
    const int scale = minExponent(p) + std::max(static_cast<int>(exponent), 1) - 1 - p.mantissaBits;
    const float magnitude = std::ldexp(static_cast<float>(hidden + mantissa), scale);
    return negative ? -magnitude : magnitude;
}

std::uint32_t nanCode(const FloatParameters& p) {
    switch (p.specials) {
        case FloatSpecials::Fnuz:
            return 1U << (p.exponentBits + p.mantissaBits);
        case FloatSpecials::Fn:
            return lowBits(p.exponentBits + p.mantissaBits);
        case FloatSpecials::Ieee:
        case FloatSpecials::Finite:
            break;
    }
    // A quiet NaN: the top bit of the mantissa.
    return (lowBits(p.exponentBits) << p.mantissaBits) | (1U << (p.mantissaBits - 1));
}

std::uint32_t encodeFloat(const FloatParameters& p, float value) {
    if (std::isnan(value)) {
        return nanCode(p);
    }
    const bool negative = std::signbit(value) && !(p.specials == FloatSpecials::Fnuz && value == 0);
    const std::uint32_t sign = negative ? 1U << (p.exponentBits + p.mantissaBits) : 0;
    const float magnitude = std::abs(value);
    if (std::isinf(value)) {
        return sign | (lowBits(p.exponentBits) << p.mantissaBits);
    }
    if (magnitude == 0) {
        return sign;
    }
    const int exponent = std::max(std::ilogb(magnitude), minExponent(p));
    const auto units = static_cast<std::uint32_t>(std::ldexp(magnitude, p.mantissaBits - exponent));
    // The hidden bit adds one to the exponent field by itself.
    return sign |
           ((static_cast<std::uint32_t>(exponent - minExponent(p)) << p.mantissaBits) + units);
}

float decodePosit(const PositParameters& p, std::uint32_t code) {
    const std::uint32_t bits = code & lowBits(p.bits);
    const std::uint32_t notReal = 1U << (p.bits - 1);
    if (bits == 0 || bits == notReal) {
        return bits == 0 ? 0.0F : kNan;
    }
    const bool negative = (bits & notReal) != 0;
    const std::uint32_t magnitude = negative ? (~bits + 1) & lowBits(p.bits) : bits;
    // The bits after the sign, moved to the top of a word.
    const std::uint32_t text = magnitude << (32 - (p.bits - 1));
    const bool ones = (text >> 31) != 0;
    const int run = std::min(std::countl_zero(ones ? ~text : text), p.bits - 1);
    const int regime = ones ? run - 1 : -run;
    const std::uint64_t rest = std::uint64_t{text} << (run + 1) & 0xFFFFFFFFU;
    const auto exponent = static_cast<int>(rest >> (32 - p.exponentBits));
    const auto fraction = static_cast<double>((rest << p.exponentBits) & 0xFFFFFFFFU) * 0x1p-32;
    const double value = std::ldexp(1 + fraction, regime * (1 << p.exponentBits) + exponent);
    return static_cast<float>(negative ? -value : value);
}

std::uint32_t encodePosit(const PositParameters& p, float value) {
    if (value == 0 || !std::isfinite(value)) {
        return value == 0 ? 0 : 1U << (p.bits - 1);
    }
    const float magnitude = std::abs(value);
    const int total = std::ilogb(magnitude);
    const int regime = total >> p.exponentBits;
    const std::uint64_t exponent = static_cast<std::uint64_t>(total) & lowBits(p.exponentBits);
    const auto fraction = static_cast<std::uint64_t>(
        (static_cast<double>(std::ldexp(magnitude, -total)) - 1) * 0x1p32);
    // Regime, exponent and fraction as one long string, then its first bits-1.
    const int run = regime >= 0 ? regime + 2 : 1 - regime;
    const std::uint64_t regimeBits = regime >= 0 ? (std::uint64_t{2} << (regime + 1)) - 2 : 1;
    const int tail = 32 + p.exponentBits;
    const int kept = p.bits - 1;
    const std::uint64_t payload = (exponent << 32) | fraction;
    const std::uint64_t string =
        run >= kept ? regimeBits >> (run - kept)
                    : (regimeBits << (kept - run)) | (payload >> (tail - (kept - run)));
    const auto code = static_cast<std::uint32_t>(string);
    return (value < 0 ? ~code + 1 : code) & lowBits(p.bits);
}

std::uint32_t encodePowerOfTwo(const PowerOfTwoParameters& p, float value) {
    const std::uint32_t sign = std::signbit(value) ? 1U << (p.bits - 1) : 0;
    return value == 0 ? sign
                      : sign | static_cast<std::uint32_t>(std::ilogb(value) - minExponent(p) + 1);
}

float decodePowerOfTwo(const PowerOfTwoParameters& p, std::uint32_t code) {
    const auto step = static_cast<int>(code & lowBits(p.bits - 1));
    const float magnitude = step == 0 ? 0.0F : std::ldexp(1.0F, minExponent(p) + step - 1);
    return ((code >> (p.bits - 1)) & 1U) != 0 ? -magnitude : magnitude;
}

struct Decode {
    std::uint32_t code;

    float operator()(const IntegerParameters& p) const {
        return decodeInteger(code, p.bits, p.isSigned);
    }
    float operator()(const FixedParameters& p) const {
        return decodeInteger(code, p.width, p.isSigned) * static_cast<float>(fixedStep(p));
    }
    float operator()(const FloatParameters& p) const {
        return codeBits(p) == 32 ? std::bit_cast<float>(code) : decodeFloat(p, code);
    }
    float operator()(const PositParameters& p) const { return decodePosit(p, code); }
    float operator()(const PowerOfTwoParameters& p) const { return decodePowerOfTwo(p, code); }
    float operator()(const BinaryParameters& /*p*/) const {
        return (code & 1U) != 0 ? 1.0F : -1.0F;
    }
    float operator()(const TernaryParameters& /*p*/) const {
        return (code & 3U) == 2 ? kNan : decodeInteger(code, 2, true);
    }
    float operator()(const MidRiseParameters& p) const {
        return decodeInteger(code, p.bits, true) + 0.5F;
    }
};

struct Encode {
    float value;

    std::uint32_t operator()(const IntegerParameters& p) const {
        return integerCode(value, p.bits);
    }
    std::uint32_t operator()(const FixedParameters& p) const {
        return integerCode(value / static_cast<float>(fixedStep(p)), p.width);
    }
    std::uint32_t operator()(const FloatParameters& p) const {
        return codeBits(p) == 32 ? std::bit_cast<std::uint32_t>(value) : encodeFloat(p, value);
    }
    std::uint32_t operator()(const PositParameters& p) const { return encodePosit(p, value); }
    std::uint32_t operator()(const PowerOfTwoParameters& p) const {
        return encodePowerOfTwo(p, value);
    }
    std::uint32_t operator()(const BinaryParameters& /*p*/) const { return value < 0 ? 0 : 1; }
    std::uint32_t operator()(const TernaryParameters& /*p*/) const { return integerCode(value, 2); }
    std::uint32_t operator()(const MidRiseParameters& p) const {
        return integerCode(value - 0.5F, p.bits);
    }
};

}  // namespace

float decodeScalar(const ScalarParameters& format, std::uint32_t code) {
    return std::visit(Decode{code}, format);
}

std::uint32_t encodeExact(const ScalarParameters& format, float value) {
    return std::visit(Encode{value}, format);
}

std::uint32_t encodeScalar(const ScalarParameters& format, float x) {
    float value = 0;
    roundScalars(format, {&x, 1}, {&value, 1}, {});
    return encodeExact(format, value);
}

std::vector<float> finiteValues(const ScalarParameters& format, bool narrow) {
    std::vector<float> values;
    for (std::uint32_t code = 0; code <= lowBits(codeBits(format)); ++code) {
        const float value = decodeScalar(format, code);
        if (std::isfinite(value)) {
            values.push_back(value == 0 ? 0.0F : value);
        }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (narrow) {
        values.erase(values.begin());
    }
    return values;
}

}  // namespace bitloupe::numerics
