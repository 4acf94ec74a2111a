// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/network/network.h"
#include "core/numerics/format_analysis.h"

namespace bitloupe::ui {

/// The finite float weights of a layer, at most kFigureSample of them, evenly spaced; empty when
/// the layer computes both operands.
inline constexpr std::size_t kFigureSample = 262144;
[[nodiscard]] std::vector<float> weightsOf(const network::Network& network,
                                           const network::Layer& layer);

/// What a format browser shows of one format.
struct FormatFigures {
    numerics::NumberFormat format;
    /// How the weights are rounded: the scale one tensor gets in a study (least squared error).
    numerics::RoundingOptions options;
    float blockScale = 1;  ///< of the block of the largest weight; 1 without blocks or weights
    /// At that scale, ascending. Blocks: in the block of the largest weight. Empty for fp32, for
    /// multipoint, and for codebooks without weights to be fitted to.
    std::vector<float> values;
    std::optional<numerics::DataLoss> loss;  ///< only with weights
};
[[nodiscard]] FormatFigures figuresOf(const numerics::NumberFormat& format,
                                      std::span<const float> weights);
/// The same for values that are rounded with these options.
[[nodiscard]] FormatFigures figuresOf(const numerics::NumberFormat& format,
                                      std::span<const float> values,
                                      const numerics::RoundingOptions& options);

/// Magnitudes worth drawing for both: from half of the smallest positive value to twice the
/// largest, kept within 1e-12 to 1e12.
struct MagnitudeRange {
    double lowest = 1e-3;
    double highest = 1e3;
};
[[nodiscard]] MagnitudeRange magnitudesOf(std::span<const FormatFigures> figures);

/// accuracyOverMagnitude for these figures; empty for multipoint and codebooks without weights.
[[nodiscard]] std::vector<numerics::AccuracyPoint> accuracyOf(const FormatFigures& figures,
                                                              const MagnitudeRange& range,
                                                              std::span<const float> weights);

}  // namespace bitloupe::ui
