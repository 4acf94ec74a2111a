// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/numerics/number_format.h"

namespace bitloupe::quantization {

enum class Granularity { Tensor, Channel, Group };
enum class RangeRule { MinMax, Mse, Percentile, Entropy };

/// A number format applied to a tensor. Text form, and identity:
/// `FORMAT[@tensor|@channel|@groupN][/minmax|/mse|/percentileP|/entropy]`, for instance
/// `int4@channel/mse`.
struct Quantizer {
    numerics::NumberFormat format;
    Granularity granularity = Granularity::Tensor;
    int groupSize = 0;  ///< elements a group; only with Granularity::Group
    RangeRule range = RangeRule::Mse;
    double percentile = 100;  ///< only with RangeRule::Percentile

    static Result<Quantizer> parse(std::string_view text);
    /// Canonical text: what is the default (@tensor, /mse) is left out.
    [[nodiscard]] std::string name() const;
    friend bool operator==(const Quantizer& a, const Quantizer& b) { return a.name() == b.name(); }
};

/// What one layer uses. Nothing means float32.
struct LayerScheme {
    std::optional<Quantizer> weights;
    std::optional<Quantizer> activations;
    friend bool operator==(const LayerScheme&, const LayerScheme&) = default;
};

}  // namespace bitloupe::quantization
