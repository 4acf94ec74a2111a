// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/numerics/number_format.h"

namespace bitloupe::numerics {

/// Affine scaling around a format, in the order of ONNX QuantizeLinear and DequantizeLinear:
/// x -> scale * (saturate(round(x / scale) + zeroPoint) - zeroPoint), the division and the last
/// product correctly rounded to float32. The zero point is added after rounding, so ties go to the
/// even multiple of the scale whatever the zero point is. `scale` > 0 and finite. `zeroPoint` is an
/// integer in the code range of an integer format and ignored by all others.
struct Scaling {
    float scale = 1.0F;
    float zeroPoint = 0.0F;
};

/// Nearest: the format's own rule (ties to the even code; fixed<...> may name another; midrise
/// takes the upper level). Stochastic: the lower or the upper neighbour, so that the mean is the
/// value. Floor: the largest representable value that is not above.
enum class RoundingMode { Nearest, Stochastic, Floor };

struct RoundingOptions {
    Scaling scaling = {};
    RoundingMode mode = RoundingMode::Nearest;
    /// Integers only: leave out the most negative code (int8: -127..127), as symmetric weights do.
    bool narrow = false;
    /// Stochastic rounding draws from a counter: element i of the span uses (seed, firstIndex + i),
    /// so a result does not depend on how the work was split.
    std::uint64_t seed = 0;
    std::uint64_t firstIndex = 0;
};

/// Rounds every element of `in` to the format and writes it to `out` (same length; may be the same
/// memory, must not overlap otherwise; std::logic_error if the lengths differ or the scale is not
/// positive and finite).
///
/// Values beyond the range become the nearest finite value, except in fixed<...,wrap>. An infinity
/// stays one in floats that have it and is NaR (NaN) in a posit. NaN stays NaN where the format has
/// one; elsewhere it is rounded as 0 is. Posits never round a non-zero value to zero. A zero has
/// its sign in float, pow2 and block formats of floats, and is +0 elsewhere.
///
/// Block formats start a block at in[0] and cut the last one short; the shared scale is chosen from
/// the finite elements (block_format.h). Codebooks and multipoint are fitted to `in` itself
/// (codebook.h and multipoint.h fit once and round many).
void roundSpan(const NumberFormat& format, std::span<const float> in, std::span<float> out,
               const RoundingOptions& options = {});

/// The same with a scaling per run of `runLength` consecutive elements (the last may be shorter): a
/// channel of a row-major tensor, or a group. options.scaling is not used; one scaling per run
/// (std::logic_error otherwise). Formats that are fitted to data are fitted to each run.
void roundRuns(const NumberFormat& format, std::span<const float> in, std::span<float> out,
               std::size_t runLength, std::span<const Scaling> scalings,
               const RoundingOptions& options = {});

}  // namespace bitloupe::numerics
