// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/quantization/integer/accumulator.h"
#include "core/quantization/integer/requantization.h"
#include "core/quantization/sliding_window.h"

/// A network in integer arithmetic only. Between layers an edge holds the accumulators of the layer
/// before, each element worth a scale of its own; a layer requantizes them to the codes of its
/// input, multiplies and adds up. Activation functions, poolings, additions and changes of shape
/// work on the accumulators.
///
/// With gemmlowp's multipliers an edge stays within 32 bits: sums are kept in 2^-fractionBits of
/// their unit, with as many of these bits as 30 bits in all allow, so that a bias rounded to whole
/// units loses nothing. Jacob et al., "Quantization and Training of Neural Networks for Efficient
/// Integer-Arithmetic-Only Inference", 2018 (arXiv 1712.05877).
namespace bitloupe::quantization {

/// A value for each `repeat` elements of a sample in a row, from the start again after the last:
/// one a channel, one for all, or (repeat 1) one an element.
template <typename T>
struct PerChannel {
    std::vector<T> values;
    std::size_t repeat = 1;

    [[nodiscard]] bool empty() const { return values.empty(); }
    [[nodiscard]] const T& at(std::size_t element) const {
        return values.size() == 1 ? values.front() : values[element / repeat % values.size()];
    }
    /// f(value) at the same places.
    template <typename F>
    [[nodiscard]] auto mapped(F f) const {
        PerChannel<decltype(f(values.front()))> result{{}, repeat};
        for (const T& value : values) {
            result.values.push_back(f(value));
        }
        return result;
    }
};

/// How the elements of an edge become the codes of a layer's input (code - zero point, so that 0
/// stands for 0).
struct CodeConversion {
    /// From the network's own input, which is real: x / scale to the nearest, ties to even. From
    /// accumulators: times `factors`; without any they are taken as they are.
    bool fromReal = false;
    PerChannel<Multiplier> factors;
    IntegerRange codes;  ///< less the zero point; what is beyond is clamped
    float scale = 1;
    std::int64_t zeroPoint = 0;
};

/// What the codes of a layer's weights stand for: scale * (code - zero point).
struct WeightCodes {
    Shape shape;  ///< outputs first
    int bits = 8;
    bool isSigned = true;
    std::vector<float> scales;             ///< one, or one a channel
    std::vector<std::int64_t> zeroPoints;  ///< as many
};

/// Convolution or matrix product.
struct IntegerLayer {
    std::string name;
    CodeConversion input;
    std::vector<std::int32_t> weights;  ///< less their zero points; output channels as rows
    WeightCodes codes;
    std::vector<std::int64_t> bias;  ///< one a channel, in 2^-fractionBits of a sum
    int fractionBits = 0;
    std::size_t channels = 1;  ///< rows of `weights`
    std::size_t length = 1;    ///< of a row
    std::size_t groups = 1;
    /// Convolution: where it reads; otherwise a sample is `rows` rows of `length`.
    std::optional<WindowSizes> window;
    std::size_t rows = 1;
    /// Applied to every accumulator before it is passed on; none: passed on as it is.
    std::optional<Multiplier> output;
    IntegerRange worst;  ///< of all channels' accumulators

    /// What the accumulator starts with: the bias in whole units of a sum, to the nearest. The rest
    /// is added when the sum is passed on.
    [[nodiscard]] std::int64_t wholeBias(std::size_t channel) const;
    /// The sum in 2^-fractionBits of its unit, with the rest of the bias.
    [[nodiscard]] std::int64_t passedOn(std::int64_t sum, std::size_t channel) const;
    /// Sets `worst` from the weights, the bias and the codes of the input.
    void findWorstCase();
};

/// max(low, min(high, x)), element by element of a sample.
struct IntegerClamp {
    PerChannel<std::int64_t> low;
    PerChannel<std::int64_t> high;
};

struct IntegerPool {
    /// Sum: the divisor goes into the scale; the sum is divided by 2^shift, to the nearest.
    /// RoundedMean: divided at once, ties to even.
    enum class Kind { Maximum, Sum, RoundedMean };
    Kind kind = Kind::Sum;
    std::size_t channels = 1;
    int shift = 0;
    WindowSizes window;
};

/// Both operands brought to one scale and added.
struct IntegerAdd {
    PerChannel<Multiplier> left;
    PerChannel<Multiplier> right;
};

/// Element i is element `from[i]` of the input, or 0 (kZero); without entries a copy, for reshapes.
struct IntegerGather {
    static constexpr std::int64_t kZero = -1;
    std::vector<std::int64_t> from;
};

struct IntegerStep {
    std::variant<IntegerLayer, IntegerClamp, IntegerPool, IntegerAdd, IntegerGather> work;
    std::vector<std::size_t> inputs;  ///< edges; 0 is the network's input
    std::size_t output = 0;
};

/// What one layer's accumulators did.
struct AccumulatorReport {
    std::string layer;
    IntegerRange worst;          ///< for any inputs its codes allow
    IntegerRange observed;       ///< exact sums
    std::int64_t sums = 0;       ///< accumulated outputs
    std::int64_t overflows = 0;  ///< of these, how many saturated or wrapped
    std::int64_t saturated = 0;  ///< input codes that were clamped to their range
};

/// Steps in order, and how their last edge is read.
class IntegerNetwork {
public:
    std::vector<IntegerStep> steps;
    std::size_t edges = 1;
    Shape input;                           ///< of one sample, without the sample's dimension
    PerChannel<Multiplier> outputFactors;  ///< bring every output to outputScale; empty: they are
    double outputScale = 1;                ///< real value of one unit of the output

    [[nodiscard]] std::size_t sampleLength() const {
        return static_cast<std::size_t>(elementCount(input));
    }
    /// The warnings worth having before anything runs: layers whose worst case the accumulator
    /// does not hold, one sentence each.
    [[nodiscard]] std::vector<std::string> overflowWarnings(const Accumulator& accumulator) const;
    /// Whether every step finds an input of the size it takes. Errors: the first that does not.
    [[nodiscard]] Result<void> check() const;
};

}  // namespace bitloupe::quantization
