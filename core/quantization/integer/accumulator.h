// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.h"

namespace bitloupe::quantization {

/// The register that the products of one output are added up in.
struct Accumulator {
    enum class Overflow { Wrap, Saturate };
    int bits = 32;  ///< two's complement, 2 to 62
    Overflow overflow = Overflow::Wrap;

    /// `24`, `24,wrap` or `24,saturate`.
    static Result<Accumulator> parse(std::string_view text);

    [[nodiscard]] std::int64_t most() const { return (std::int64_t{1} << (bits - 1)) - 1; }
    [[nodiscard]] std::int64_t least() const { return -most() - 1; }
    [[nodiscard]] bool holds(std::int64_t value) const {
        return value >= least() && value <= most();
    }
    [[nodiscard]] std::int64_t wrapped(std::int64_t value) const;
};

/// Values from `least` to `most`.
struct IntegerRange {
    std::int64_t least = 0;
    std::int64_t most = 0;

    void include(std::int64_t value);
    /// The fewest bits, two's complement, that hold all of it.
    [[nodiscard]] int bits() const;
};

/// What the sum bias + weights . inputs can become for inputs anywhere in `inputs`. When that holds
/// 0, no partial sum leaves the range either.
[[nodiscard]] IntegerRange worstCase(std::span<const std::int32_t> weights,
                                     const IntegerRange& inputs, std::int64_t bias);

/// One output: the register starts with the bias and adds product after product. `exact` gets the
/// sum without any limit; the result is what the register holds, and `overflowed` says whether it
/// ever could not hold its value (for Wrap: whether the sum itself does not fit).
struct Sum {
    std::int64_t value = 0;
    std::int64_t exact = 0;
    bool overflowed = false;
};
[[nodiscard]] Sum addProducts(std::span<const std::int32_t> weights,
                              std::span<const std::int32_t> inputs, std::int64_t bias,
                              const Accumulator& accumulator);

}  // namespace bitloupe::quantization
