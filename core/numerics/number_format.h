// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::numerics {

/// What kind of value set a format has; its parameters are in the format's name.
enum class Family { Integer, Fixed, Float, Posit, PowerOfTwo, Binary, Ternary, Microscaling, MidRise, Codebook, Multipoint };

/// A set of representable values and its rounding rule. Data, not a class per width: the canonical
/// name (`posit<8,1>`) is the identity of a format in files, tables and on the command line.
class NumberFormat {
public:
    /// Parses a name such as `int8`, `fixed<8,3>`, `fp8e4m3`, `posit<8,1>`, `mxfp4`.
    /// A name that is not one yields one sentence that says what is allowed.
    static Result<NumberFormat> parse(std::string_view name);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] Family family() const { return m_family; }

    /// Stored bits of one value, shared scales included (mxfp4: 4.25).
    [[nodiscard]] double bitsPerValue() const;

    /// fp32: values pass unchanged.
    [[nodiscard]] bool isIdentity() const;

    /// Largest finite value and smallest positive one, at scale 1.
    [[nodiscard]] double maxValue() const;
    [[nodiscard]] double minPositive() const;

    friend bool operator==(const NumberFormat& a, const NumberFormat& b) { return a.m_name == b.m_name; }

private:
    std::string m_name;
    Family m_family = Family::Integer;
};

}  // namespace bitloupe::numerics
