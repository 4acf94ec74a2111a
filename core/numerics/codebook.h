// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/numerics/rounding.h"

namespace bitloupe::numerics {

/// A sorted list of values, and rounding to the nearest of them; a tie goes to the value with the
/// even index.
class Codebook {
public:
    /// At least one finite value; sorted here, repeated values dropped (std::logic_error
    /// otherwise).
    explicit Codebook(std::vector<float> values);

    /// 2^bits landmarks fitted to the finite elements of `data` (fewer where landmarks coincide; 0
    /// alone when there are none):
    ///   uniform    evenly spaced from the smallest to the largest element, both included
    ///   histogram  the centres of equal bins between them
    ///   normal     quantiles of the normal distribution with the data's mean and deviation at
    ///   evenly
    ///              spaced probabilities; the two ends are the smallest and the largest element
    ///   kmeans     Lloyd's means, started from the uniform landmarks, until nothing moves
    static Codebook fit(const CodebookParameters& parameters, std::span<const float> data);

    [[nodiscard]] const std::vector<float>& values() const { return m_values; }
    /// threshold(i) is the smallest float that rounds to value i + 1; one less than there are
    /// values.
    [[nodiscard]] const std::vector<float>& thresholds() const { return m_thresholds; }

    /// The index of the nearest value; of the value nearest to 0 for NaN.
    [[nodiscard]] std::size_t nearestIndex(float x) const;

    /// As roundSpan: the values are multiplied by options.scaling.scale.
    void round(std::span<const float> in, std::span<float> out,
               const RoundingOptions& options = {}) const;

private:
    std::vector<float> m_values;
    std::vector<float> m_thresholds;
};

}  // namespace bitloupe::numerics
