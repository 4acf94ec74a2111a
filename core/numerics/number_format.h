// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/numerics/format_parameters.h"

namespace bitloupe::numerics {

/// What kind of value set a format has; its parameters are in the format's name.
enum class Family {
    Integer,
    Fixed,
    Float,
    Posit,
    PowerOfTwo,
    Binary,
    Ternary,
    Microscaling,
    MidRise,
    Codebook,
    Multipoint
};

/// A set of representable values and its rounding rule. Data, not a class per width: the canonical
/// name (`posit<8,1>`) is the identity of a format in files, tables and on the command line.
///
/// Names: `int2`..`int16`, `uint2`..`uint16`; `fixed<W,I[,rounding][,overflow]>` and `ufixed<...>`
/// with rounding rnd_conv (default), rnd, trn or trn_zero and overflow sat (default) or wrap, so
/// hls4ml's ap_fixed<W,I> is `fixed<W,I,trn,wrap>`; `float<E,M[,ieee|fn|fnuz|finite][,nosub]>`,
/// `fp32`, `fp16`, `bf16`, `fp8e4m3`, ...; `posit<N,ES>`; `pow2<N>`; `binary`; `ternary`;
/// `midrise<N>`; `mxfp8e4m3`, ..., `nvfp4`, each with a block size if wanted: `mxfp4<16>`;
/// `codebook<kind,N>`; `multipoint<F,K>`.
class NumberFormat {
public:
    /// Parses a name such as `int8`, `fixed<8,3>`, `fp8e4m3`, `posit<8,1>`, `mxfp4`. Blanks inside
    /// are ignored and defaults dropped: name() is canonical. A name that is not one yields one
    /// sentence that says what is allowed.
    static Result<NumberFormat> parse(std::string_view name);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] Family family() const { return m_family; }
    [[nodiscard]] const FormatParameters& parameters() const { return m_parameters; }

    /// Stored bits of one value, shared scales included (mxfp4: 4.25), all terms of a multipoint.
    /// The table of a codebook and the scale of a tensor are not counted.
    [[nodiscard]] double bitsPerValue() const;

    /// fp32: values pass unchanged.
    [[nodiscard]] bool isIdentity() const;

    /// Largest finite value and smallest positive one, at scale 1. Blocks and multipoint: of one
    /// element at shared scale 1. Codebooks have none before they are fitted: those of the uniform
    /// landmarks over -1..1 stand in.
    [[nodiscard]] double maxValue() const;
    [[nodiscard]] double minPositive() const;

    /// Whether one value has one code: everything but blocks, codebooks and multipoint.
    [[nodiscard]] bool hasCodes() const;

    /// The finite values at scale 1, ascending, zero once. Blocks: of one element at shared
    /// scale 1. Empty for fp32 and for formats that are fitted to data.
    [[nodiscard]] std::vector<float> values() const;

    /// The bits of x rounded to nearest at scale 1, in the low bits of the result: two's complement
    /// (integer, fixed, posit, ternary, midrise), sign and magnitude (float, pow2). A NaN gets the
    /// one canonical code. std::logic_error without codes.
    [[nodiscard]] std::uint32_t encode(float x) const;

    /// The value of a code; higher bits are ignored. NaN for codes that are not numbers.
    [[nodiscard]] float decode(std::uint32_t code) const;

    friend bool operator==(const NumberFormat& a, const NumberFormat& b) {
        return a.m_name == b.m_name;
    }

private:
    friend class FormatParser;

    std::string m_name;
    Family m_family = Family::Integer;
    FormatParameters m_parameters;
};

}  // namespace bitloupe::numerics
