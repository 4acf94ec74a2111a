// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/network/network.h"

namespace bitloupe::quantization {

/// What a layer multiplies its weights with: rows x of the product y = w . x, for a sample of its
/// output places. A grouped convolution has rows of their own for every group.
struct InputRows {
    std::size_t groups = 1;
    std::size_t rows = 0;         ///< of each group
    std::size_t length = 0;       ///< of a row: weights of an output channel
    std::vector<float> original;  ///< group by group, row by row
    std::vector<float> rounded;   ///< the same after the layer's input rounding; empty: no rounding

    [[nodiscard]] std::span<const float> used() const {
        return rounded.empty() ? std::span<const float>(original) : std::span<const float>(rounded);
    }
    [[nodiscard]] std::span<const float> group(std::span<const float> all, std::size_t g) const {
        return all.subspan(g * rows * length, rows * length);
    }
};

/// Cuts the input of a layer, some samples of Layer::inputShape one after another, into at most
/// `limit` rows a group, evenly spaced over samples and places. Works for Conv, Gemm and MatMul by
/// one stored matrix; the elements of a row lie as those of an output channel of the weight do.
/// `counts`: a flag for each input, or none; a row none of whose inputs counts is left out, unless
/// that leaves no row.
/// Errors: another operator, a stored tensor that is no matrix.
[[nodiscard]] Result<InputRows> inputRows(const network::Network& network, std::size_t layer,
                                          std::span<const float> inputs,
                                          const std::vector<bool>& counts, std::size_t limit);

}  // namespace bitloupe::quantization
