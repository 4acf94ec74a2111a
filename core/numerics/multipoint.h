// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/numerics/rounding.h"

/// Multipoint quantization (Liu, Ye, Zhou, Liu, AAAI 2021, arXiv 2002.09049): a vector as a sum of
/// scaled low-precision vectors, each fitted to what the sum so far has left over.
namespace bitloupe::numerics {

/// The scale with the least squared error of rounding `data` to `format` (integers without their
/// most negative code), found on a grid around the largest magnitude; 1 when there is nothing but
/// zeros. Non-finite elements are left out.
[[nodiscard]] float leastErrorScale(const ScalarParameters& format, std::span<const float> data);

/// One vector (a channel of weights) as a sum of terms.
struct MultipointFit {
    std::vector<float> scales;          ///< one per term
    std::vector<float> reconstruction;  ///< the sum
};

/// Exactly `terms` terms, or fewer once nothing is left over.
[[nodiscard]] MultipointFit fitMultipoint(const ScalarParameters& format,
                                          std::span<const float> vector, int terms);

/// What a layer of channels became.
struct MultipointLayer {
    std::vector<MultipointFit> channels;
    std::vector<double> outputErrors;  ///< relative to the channel's output, root of summed squares
    double bitsPerValue = 0;           ///< summed bits of all terms over the number of weights
    double multipliesPerValue = 0;     ///< terms, averaged over the channels
};

/// `weights` is channels x length row by row, `inputs` samples x length row by row. Each channel
/// gets the fewest terms (1 to maxTerms) with |(w - sum) x| <= bound |w x| over the samples, or
/// maxTerms. std::logic_error unless length divides both.
[[nodiscard]] MultipointLayer fitMultipointLayer(const ScalarParameters& format,
                                                 std::span<const float> weights,
                                                 std::span<const float> inputs, std::size_t length,
                                                 double bound, int maxTerms);

/// roundSpan for multipoint<F,K>: fits to `in`. A scale is found by the fit, so options are not
/// used.
void roundToMultipoint(const MultipointParameters& format, std::span<const float> in,
                       std::span<float> out, const RoundingOptions& options);

}  // namespace bitloupe::numerics
