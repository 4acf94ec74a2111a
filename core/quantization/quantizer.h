// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/numerics/number_format.h"
#include "core/quantization/pruning.h"

namespace bitloupe::quantization {

enum class Granularity { Tensor, Channel, Group };

/// What a scale is chosen by. MovingAverage smooths the extremes of the calibration batches
/// (activations only). Histogram, Energy and Sweep give power-of-two scales to posits and other
/// formats that are densest around 1 (posit_scale.h); Unscaled rounds the values as they are.
enum class RangeRule {
    MinMax,
    MovingAverage,
    Mse,
    Percentile,
    Entropy,
    Histogram,
    Energy,
    Sweep,
    Unscaled
};

/// How a weight becomes one of the format's values. AdaRound and Gptq look at calibration inputs
/// of the layer; GptqOrdered visits the inputs with the largest second moment first.
enum class WeightRounding { Nearest, Stochastic, AdaRound, Gptq, GptqOrdered };

/// A number format applied to a tensor. Text form, and identity:
/// `FORMAT[@tensor|@channel|@groupN][/RANGE][/pow2scale][+METHOD][+biascorr][~PRUNING]`, for
/// instance `int4@channel/mse+gptq+biascorr~2:4`, with RANGE minmax, movingaverage, mse,
/// percentileP, entropy, histogram, energy, sweep, unscaled or, of multipoint, outputP%, METHOD
/// stochastic, adaround, gptq or gptqordered, and PRUNING as Pruning writes it. `float~50%` prunes
/// without rounding. What stands behind + and ~ is for weights.
struct Quantizer {
    numerics::NumberFormat format;
    Granularity granularity = Granularity::Tensor;
    int groupSize = 0;  ///< elements a group; only with Granularity::Group
    RangeRule range = RangeRule::Mse;
    double percentile = 100;  ///< only with RangeRule::Percentile
    bool powerOfTwoScale = false;
    /// Multipoint: percent of an output channel's magnitude that may be lost over the calibration
    /// inputs; each channel gets the fewest terms that keep to it. 0: all terms everywhere.
    double outputError = 0;
    WeightRounding rounding = WeightRounding::Nearest;
    bool biasCorrection = false;  ///< the mean error of every output goes into the bias
    Pruning pruning = {};

    static Result<Quantizer> parse(std::string_view text);
    /// Canonical text: what is the default (@tensor, and /mse, of posits /energy) is left out.
    [[nodiscard]] std::string name() const;

    /// Leaves every value as it is.
    [[nodiscard]] bool isIdentity() const {
        return format.isIdentity() && pruning.pattern == Pruning::Pattern::None && !biasCorrection;
    }
    /// Has a part that only weights can have: a rounding method, bias correction, pruning.
    [[nodiscard]] bool hasWeightMethods() const {
        return rounding != WeightRounding::Nearest || biasCorrection ||
               pruning.pattern != Pruning::Pattern::None;
    }
    /// The same without that part: what stands beside such weights as an activation quantizer.
    [[nodiscard]] Quantizer withoutWeightMethods() const;
    /// Looks at what reaches the layer: AdaRound, GPTQ, bias correction, a bound on output errors.
    [[nodiscard]] bool needsInputs() const;
    /// Stored bits of one weight of the dense layer: what is left of it, and where that is.
    [[nodiscard]] double storedBits() const {
        return format.bitsPerValue() * pruning.density() + pruning.indexBits();
    }
    friend bool operator==(const Quantizer& a, const Quantizer& b) { return a.name() == b.name(); }
};

/// The range rule of a format when none is written.
[[nodiscard]] RangeRule defaultRange(const numerics::NumberFormat& format);

/// What one layer uses. Nothing means float32.
struct LayerScheme {
    std::optional<Quantizer> weights;
    std::optional<Quantizer> activations;
    friend bool operator==(const LayerScheme&, const LayerScheme&) = default;
};

/// Bits of one value of a side; `scheme.weights` or `scheme.activations`.
[[nodiscard]] double bitsPerValue(const std::optional<Quantizer>& side);
inline constexpr double kFloatBits = 32;

}  // namespace bitloupe::quantization
