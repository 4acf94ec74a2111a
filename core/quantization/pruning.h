// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace bitloupe::quantization {

/// Which weights of a layer are zero. Text form: `50%` (magnitude, a true share of this layer),
/// `2:4` (of every four neighbours along an output channel the two largest stay) or `50%channels`
/// (whole output channels, by the norm of their weights).
struct Pruning {
    enum class Pattern { None, Elements, NOfM, Channels };
    Pattern pattern = Pattern::None;
    double percent = 0;  ///< pruned, above 0 and below 100; Elements and Channels
    int kept = 0;        ///< N of N:M
    int of = 0;          ///< M of N:M

    static Result<Pruning> parse(std::string_view text);
    [[nodiscard]] std::string name() const;  ///< canonical; "" for None

    /// Share of the weights that stays.
    [[nodiscard]] double density() const;
    /// Bits that say where one weight of the dense layer is: a bitmap (1) for single elements,
    /// ceil(log2 M) for every weight that stays of N:M, nothing for channels.
    [[nodiscard]] double indexBits() const;
    friend bool operator==(const Pruning&, const Pruning&) = default;
};

/// The mask of one layer, whose output channels are the rows of `rows` (`length` weights each):
/// true where a weight is pruned. Exactly round(share * count) elements or channels are; of equal
/// magnitudes the first stay. A last group that is shorter than M keeps its N largest.
[[nodiscard]] std::vector<bool> pruningMask(std::span<const float> rows, std::size_t length,
                                            const Pruning& pruning);

/// One threshold for several layers: the share of each layer (0..1) that falls when the smallest
/// `share` of all weights together is pruned. round(share_i * size_i) is the exact count.
[[nodiscard]] std::vector<double> globalShares(std::span<const std::span<const float>> layers,
                                               double share);

}  // namespace bitloupe::quantization
