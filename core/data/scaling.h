// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/array.h"
#include "core/base/result.h"

namespace bitloupe::data {

/// x -> (x - offset) / span, one pair for every channel (axis 1).
struct Scaling {
    std::vector<float> offsets;
    std::vector<float> spans;
};

/// The scaling `rule` ("none", "divide", "standardize", "minmax"). `samples`: the calibration
/// split, Float32, at least two axes. A constant channel gets span 1. Population standard
/// deviation.
[[nodiscard]] Result<Scaling> fitScaling(const std::string& rule, double divisor,
                                         const Array& samples);

/// The scaling of a fixed mean and deviation, each empty (0 and 1), one for all channels, or one
/// for each of `channels`. Errors: another number of them, a deviation of 0.
[[nodiscard]] Result<Scaling> fixedScaling(const std::vector<double>& mean,
                                           const std::vector<double>& deviation,
                                           std::int64_t channels);

/// `values`: Float32 samples of the shape that was fitted, changed in place.
void applyScaling(const Scaling& scaling, const Shape& shape, std::span<float> values);

}  // namespace bitloupe::data
