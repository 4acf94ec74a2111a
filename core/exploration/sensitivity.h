// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/exploration/evaluator.h"

namespace bitloupe::exploration {

/// One cell of the heatmap: what quantizing this side of this layer alone does.
struct SensitivityCell {
    std::size_t layer = 0;
    Side side = Side::Weights;
    quantization::Quantizer quantizer = {};
    Measurement measured = {};
    double sqnrDb = 0;  ///< weights: of the tensor; activations: of the calibration sample
};

/// The reverse: this side of every layer that may use the format is in it, and of this one layer is
/// left in float.
struct LeaveOneInFloatCell {
    std::optional<std::size_t> layer = {};  ///< nothing: no layer is left out, the yardstick
    Side side = Side::Weights;
    quantization::Quantizer quantizer = {};
    Measurement measured = {};
};

/// One cell of a layer's own map: what quantizing a group of its channels alone does.
struct ChannelCell {
    ChannelProbe probe = {};
    Measurement measured = {};
    double sqnrDb = 0;  ///< of the group: weights, or what reaches it over the calibration samples
};

/// A map of channels by formats that a study wants.
struct ChannelMap {
    std::size_t layer = 0;
    std::int64_t group = 1;  ///< channels that are rounded together
};

/// What rounding does to one tensor of a layer by itself, before any run of the network.
struct LayerRoundingError {
    std::size_t layer = 0;
    Side side = Side::Weights;
    quantization::Quantizer quantizer = {};
    RoundingError error = {};
};

}  // namespace bitloupe::exploration
