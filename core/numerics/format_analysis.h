// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/numerics/rounding.h"

/// What a format does to numbers in general and to given data: what a format browser draws.
namespace bitloupe::numerics {

/// The finite values at the scale of `options`, ascending. Codebooks are fitted to `data`; blocks
/// show one element at shared scale 1; empty for fp32 and multipoint.
[[nodiscard]] std::vector<float> scaledValues(const NumberFormat& format,
                                              std::span<const float> data = {},
                                              const RoundingOptions& options = {});

/// The worst of the numbers within a step of magnitudes.
struct AccuracyPoint {
    double magnitude = 0;      ///< geometric middle of the step
    double relativeError = 0;  ///< largest |round(x) - x| / |x|; 1 where x underflows
    double decimalAccuracy =
        0;  ///< least -log10 |log10(round(x) / x)|, decimals (Gustafson); 0 where
            ///< x underflows or changes sign; at most 17 where nothing is lost
};

/// Positive magnitudes from `lowest` to `highest` (0 < lowest < highest) in `steps` equal steps of
/// the logarithm, rounded to nearest at the scale of `options`. A codebook is fitted to `data`
/// first; a block format shows its elements under a shared scale of 1. Multipoint has no such
/// curve: empty.
[[nodiscard]] std::vector<AccuracyPoint> accuracyOverMagnitude(const NumberFormat& format,
                                                               double lowest, double highest,
                                                               int steps,
                                                               std::span<const float> data = {},
                                                               const RoundingOptions& options = {});

/// What rounding loses of given data; non-finite elements are left out.
struct DataLoss {
    double sqnrDecibels =
        0;  ///< 10 log10(sum x^2 / sum (x - round x)^2); infinite if nothing is lost
    double clippedShare = 0;    ///< beyond the largest or the smallest value (of its block), 0 to 1
    double underflowShare = 0;  ///< not zero, but rounded to zero, 0 to 1
    double largestError = 0;    ///< absolute
};
[[nodiscard]] DataLoss lossOnData(const NumberFormat& format, std::span<const float> data,
                                  const RoundingOptions& options = {});

}  // namespace bitloupe::numerics
