// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/numerics/number_format.h"

namespace bitloupe::numerics {

/// Affine scaling around a format, in the order of ONNX QuantizeLinear and DequantizeLinear:
/// x -> scale * (saturate(round(x / scale) + zeroPoint) - zeroPoint). The zero point is added after
/// rounding, so ties go to the even multiple of the scale whatever the zero point is.
/// `scale` > 0. `zeroPoint` is an integer in the code range of an integer format, 0 for all others.
struct Scaling {
    float scale = 1.0F;
    float zeroPoint = 0.0F;
};

enum class RoundingMode { Nearest, Stochastic, Floor };

struct RoundingOptions {
    Scaling scaling;
    RoundingMode mode = RoundingMode::Nearest;
    /// Integers only: leave out the most negative code (int8: -127..127), as symmetric weights do.
    bool narrow = false;
    /// Stochastic rounding draws from a counter: element i of the span uses (seed, firstIndex + i),
    /// so a result does not depend on how the work was split.
    std::uint64_t seed = 0;
    std::uint64_t firstIndex = 0;
};

/// Rounds every element of `in` to the format and writes it to `out` (same length; may be the same
/// memory, must not overlap otherwise). NaN stays NaN where the format has one.
void roundSpan(const NumberFormat& format, std::span<const float> in, std::span<float> out,
               const RoundingOptions& options = {});

}  // namespace bitloupe::numerics
