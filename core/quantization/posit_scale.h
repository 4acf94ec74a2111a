// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/numerics/rounding.h"
#include "core/quantization/quantizer.h"

/// Scales for formats that are densest around 1 and taper from there: what matters is which
/// magnitude comes to lie at 1, not which is the largest.
namespace bitloupe::quantization {

/// Histogram: 2^x with x the centre of the fullest of 100 bins of log2|value| (zeros left out).
/// Energy: 2^round(e) with e = sum v^2 log2|v| / sum v^2. Nothing for other rules, and without a
/// value that is not zero.
[[nodiscard]] std::optional<double> logarithmicScale(std::span<const float> values, RangeRule rule);

/// A format and the scale it is used with.
struct FormatAndScale {
    numerics::NumberFormat format;
    double scale = 1;
};

/// The power of two, within 6 octaves of the energy rule's, and for posits the es (0 to 3), with
/// the best SQNR; the larger scale and the format's own es on a tie. `anyEs`: whether es may
/// change.
[[nodiscard]] FormatAndScale sweepScale(std::span<const float> values,
                                        const numerics::NumberFormat& format, bool anyEs = true);

}  // namespace bitloupe::quantization
