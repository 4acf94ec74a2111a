// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace bitloupe::execution {

/// How training rounds a tensor: exactly as the program that runs afterwards does, with a gradient
/// put through. The rounding itself is a function, so that any number format can be trained with.
struct TensorRounding {
    /// Rounds `values` with `scales` (see below) into `rounded`, of the same length. `done`: share
    /// of the training that is behind, 0..1, for what comes in bit by bit (pruning).
    std::function<void(std::span<const float> values, std::span<const float> scales, double done,
                       std::span<float> rounded)>
        round;
    /// One for the tensor, or several; empty when the format takes none.
    std::vector<float> scales;
    /// Which of several scales each element uses, in the tensor's order.
    std::vector<std::int64_t> scaleOf;
    /// Scales for weights that training has changed, asked for once an epoch; may be empty.
    std::function<std::vector<float>(std::span<const float> values)> rescale;
    /// Values beyond these multiples of the scale are clipped: they get no gradient.
    double lowest = -std::numeric_limits<double>::infinity();
    double highest = std::numeric_limits<double>::infinity();
    /// The scales are trained too (LSQ: Esser et al., "Learned step size quantization", ICLR 2020),
    /// by their logarithm, so that they stay positive and one rate suits all of them.
    bool learnsScales = false;
    bool perSample = false;  ///< one call a sample instead of one a batch: blocks start afresh
};

/// What training does with one layer of the network.
struct LayerTraining {
    std::optional<TensorRounding> weights;
    std::optional<TensorRounding> input;
    std::optional<TensorRounding> second;  ///< the other operand of attention's products
    bool isFrozen = false;                 ///< its weight and bias stay as they are, bit for bit
};

}  // namespace bitloupe::execution
