// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <variant>

/// What the names of number formats stand for, as data. Every member is within the range its
/// comment states once it comes out of NumberFormat::parse.
namespace bitloupe::numerics {

/// Two's complement (signed) or natural binary code.
struct IntegerParameters {
    int bits = 8;  ///< 2 to 16
    bool isSigned = true;
};

/// AC/HLS names: rnd_conv (nearest, ties to even), rnd (nearest, ties up), trn (toward minus
/// infinity, the floor), trn_zero (toward zero).
enum class FixedRounding { NearestEven, HalfUp, Floor, TowardZero };
enum class FixedOverflow { Saturate, Wrap };

/// ap_fixed<W,I> / ap_ufixed<W,I>: steps of 2^-(width-integerBits); integerBits counts the sign.
/// QKeras' quantized_bits(b,i) leaves the sign out: it is fixed<b,i+1>.
struct FixedParameters {
    int width = 8;        ///< 2 to 16
    int integerBits = 3;  ///< 0 to width
    bool isSigned = true;
    FixedRounding rounding = FixedRounding::NearestEven;
    FixedOverflow overflow = FixedOverflow::Saturate;
};

/// What the codes at the top of a float are spent on.
///   Ieee:   the top exponent holds infinities and NaNs (fp16, bf16, fp8e5m2)
///   Fn:     no infinity; NaN is the all-ones code of either sign (OCP fp8e4m3)
///   Fnuz:   no infinity, no negative zero, whose code is the only NaN; bias one higher
///   Finite: every code is a number (OCP fp6, fp4)
enum class FloatSpecials { Ieee, Fn, Fnuz, Finite };

/// Sign, exponent, mantissa; bias 2^(exponentBits-1) - 1 (one more for Fnuz).
struct FloatParameters {
    int exponentBits = 4;  ///< 2 to 8 (8 with Ieee alone)
    int mantissaBits =
        3;  ///< 0 and up; sign, exponent and mantissa are at most 16 bits (fp32 excepted)
    FloatSpecials specials = FloatSpecials::Ieee;
    bool subnormals = true;
};

/// Posit(TM), Gustafson and Yonemoto 2017; the 2022 standard is exponentBits = 2.
/// 2 <= bits <= 16 and (bits-2) * 2^exponentBits <= 126, so that every value is a normal float32.
struct PositParameters {
    int bits = 8;
    int exponentBits = 1;
};

/// Sign and a code c: zero for c = 0, else 2^(c - largest c); the largest magnitude is 1.
struct PowerOfTwoParameters {
    int bits = 4;  ///< 2 to 8
};

/// -1 (code 0) and +1 (code 1); zero maps to +1.
struct BinaryParameters {};

/// -1, 0, +1 as two's complement of two bits; the code 0b10 is not used.
struct TernaryParameters {};

/// 2^bits levels at odd multiples of one half: k + 0.5 with -2^(bits-1) <= k < 2^(bits-1).
struct MidRiseParameters {
    int bits = 4;  ///< 1 to 16
};

/// A format whose values are known without data.
using ScalarParameters =
    std::variant<IntegerParameters, FixedParameters, FloatParameters, PositParameters,
                 PowerOfTwoParameters, BinaryParameters, TernaryParameters, MidRiseParameters>;

enum class BlockScale {
    PowerOfTwo,  ///< E8M0: 2^-127 to 2^127, OCP Microscaling v1.0
    Fp8E4M3      ///< fp8e4m3 per block under one float32 scale per tensor (NVFP4)
};

/// Consecutive elements that share one scale.
struct BlockParameters {
    ScalarParameters element;
    BlockScale scale = BlockScale::PowerOfTwo;
    int blockSize = 32;  ///< 2 to 4096
    /// OCP MXINT8: two's complement, the most negative code unused.
    bool narrow = false;
};

enum class CodebookKind { Uniform, Histogram, Normal, KMeans };

/// 2^bits values fitted to data (codebook.h).
struct CodebookParameters {
    CodebookKind kind = CodebookKind::KMeans;
    int bits = 4;  ///< 1 to 8
};

/// A sum of `terms` vectors of the element format, each with its own scale (multipoint.h).
struct MultipointParameters {
    ScalarParameters element;
    int terms = 2;  ///< 1 to 8
};

using FormatParameters =
    std::variant<ScalarParameters, BlockParameters, CodebookParameters, MultipointParameters>;

}  // namespace bitloupe::numerics
