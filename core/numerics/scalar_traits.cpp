// SPDX-License-Identifier: Apache-2.0
#include "core/numerics/scalar_traits.h"

#include <cmath>

namespace bitloupe::numerics {

namespace {

double powerOfTwo(int exponent) {
    return std::ldexp(1.0, exponent);
}

struct CodeBits {
    int operator()(const IntegerParameters& p) const { return p.bits; }
    int operator()(const FixedParameters& p) const { return p.width; }
    int operator()(const FloatParameters& p) const { return 1 + p.exponentBits + p.mantissaBits; }
    int operator()(const PositParameters& p) const { return p.bits; }
    int operator()(const PowerOfTwoParameters& p) const { return p.bits; }
    int operator()(const BinaryParameters& /*p*/) const { return 1; }
    int operator()(const TernaryParameters& /*p*/) const { return 2; }
    int operator()(const MidRiseParameters& p) const { return p.bits; }
};

struct LargestValue {
    double operator()(const IntegerParameters& p) const {
        return powerOfTwo(p.isSigned ? p.bits - 1 : p.bits) - 1;
    }
    double operator()(const FixedParameters& p) const {
        return (powerOfTwo(p.isSigned ? p.width - 1 : p.width) - 1) * fixedStep(p);
    }
    double operator()(const FloatParameters& p) const {
        // Fn gives its highest mantissa to NaN; with no mantissa it lost the whole exponent
        // instead.
        const bool lostMantissa = p.specials == FloatSpecials::Fn && p.mantissaBits > 0;
        const double mantissa = 2 - powerOfTwo(-p.mantissaBits) * (lostMantissa ? 2 : 1);
        return mantissa * powerOfTwo(maxExponent(p));
    }
    double operator()(const PositParameters& p) const {
        return powerOfTwo((p.bits - 2) * (1 << p.exponentBits));
    }
    double operator()(const PowerOfTwoParameters& /*p*/) const { return 1; }
    double operator()(const BinaryParameters& /*p*/) const { return 1; }
    double operator()(const TernaryParameters& /*p*/) const { return 1; }
    double operator()(const MidRiseParameters& p) const { return powerOfTwo(p.bits - 1) - 0.5; }
};

struct SmallestPositive {
    double operator()(const IntegerParameters& /*p*/) const { return 1; }
    double operator()(const FixedParameters& p) const { return fixedStep(p); }
    double operator()(const FloatParameters& p) const {
        return powerOfTwo(minExponent(p) - (p.subnormals ? p.mantissaBits : 0));
    }
    double operator()(const PositParameters& p) const { return 1 / LargestValue()(p); }
    double operator()(const PowerOfTwoParameters& p) const { return powerOfTwo(minExponent(p)); }
    double operator()(const BinaryParameters& /*p*/) const { return 1; }
    double operator()(const TernaryParameters& /*p*/) const { return 1; }
    double operator()(const MidRiseParameters& /*p*/) const { return 0.5; }
};

}  // namespace

int codeBits(const ScalarParameters& parameters) {
    return std::visit(CodeBits(), parameters);
}

double largestValue(const ScalarParameters& parameters) {
    return std::visit(LargestValue(), parameters);
}

double smallestPositive(const ScalarParameters& parameters) {
    return std::visit(SmallestPositive(), parameters);
}

int exponentBias(const FloatParameters& format) {
    return (1 << (format.exponentBits - 1)) - (format.specials == FloatSpecials::Fnuz ? 0 : 1);
}

int minExponent(const FloatParameters& format) {
    return 1 - exponentBias(format);
}

int maxExponent(const FloatParameters& format) {
    const bool topIsTaken = format.specials == FloatSpecials::Ieee ||
                            (format.specials == FloatSpecials::Fn && format.mantissaBits == 0);
    return (1 << format.exponentBits) - (topIsTaken ? 2 : 1) - exponentBias(format);
}

bool hasInfinity(const FloatParameters& format) {
    return format.specials == FloatSpecials::Ieee;
}

bool hasNan(const FloatParameters& format) {
    switch (format.specials) {
        case FloatSpecials::Ieee:
            return format.mantissaBits > 0;
        case FloatSpecials::Fn:
        case FloatSpecials::Fnuz:
            return true;
        case FloatSpecials::Finite:
            break;
    }
    return false;
}

double fixedStep(const FixedParameters& format) {
    return powerOfTwo(format.integerBits - format.width);
}

int minExponent(const PowerOfTwoParameters& format) {
    return 2 - (1 << (format.bits - 1));
}

}  // namespace bitloupe::numerics
