// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/quantization/integer/accumulator.h"
#include "core/quantization/integer/requantization.h"
#include "core/quantization/sliding_window.h"
#include "core/quantization/tensor_quantization.h"

/// A network in integer arithmetic only. Between layers an edge holds the accumulators of the layer
/// before, each element worth `scale` of its own; a layer requantizes them to the codes of its
/// input, multiplies and adds up. Activation functions and poolings work on the accumulators.
namespace bitloupe::quantization {

/// How the elements of an edge become the codes of a layer's input (code - zero point, so that 0
/// stands for 0).
struct CodeConversion {
    /// From the network's own input, which is real: rounded as the quantizer says.
    std::optional<ActivationRounding> fromReal;
    /// From accumulators: one factor an element of a sample, then clamped. Empty: taken as it is.
    std::vector<Multiplier> factors;
    IntegerRange codes;  ///< less the zero point
};

/// Convolution or matrix product.
struct IntegerLayer {
    std::string name;
    CodeConversion input;
    std::vector<std::int32_t> weights;  ///< less their zero points; output channels as rows
    /// The same where weights and input codes have 16 bits and no sum leaves 32; else empty.
    std::vector<std::int16_t> shortWeights;
    std::vector<std::int64_t> bias;  ///< one a channel
    std::size_t channels = 1;        ///< rows of `weights`
    std::size_t length = 1;          ///< of a row
    std::size_t groups = 1;
    /// Convolution: where it reads; otherwise a sample is `rows` rows of `length`.
    std::optional<SlidingWindow> window;
    std::size_t area = 1;  ///< spatial elements of the convolution's input
    std::size_t rows = 1;
    /// Applied to every accumulator before it is passed on; none: passed on as it is.
    std::optional<Multiplier> output;
    IntegerRange worst;  ///< of all channels' accumulators
};

/// max(low, min(high, x)), element by element of a sample.
struct IntegerClamp {
    std::vector<std::int64_t> low;
    std::vector<std::int64_t> high;
};

struct IntegerPool {
    /// Sum: the divisor goes into the scale. RoundedMean: rounded at once, ties to even.
    enum class Kind { Maximum, Sum, RoundedMean };
    Kind kind = Kind::Sum;
    std::size_t channels = 1;
    std::size_t area = 1;
    SlidingWindow window;
};

/// Both operands brought to one scale and added.
struct IntegerAdd {
    std::vector<Multiplier> left;
    std::vector<Multiplier> right;
};

struct IntegerCopy {};  ///< reshapes

struct IntegerStep {
    std::variant<IntegerLayer, IntegerClamp, IntegerPool, IntegerAdd, IntegerCopy> work;
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
    std::size_t sampleLength = 1;           ///< elements of one input sample
    std::vector<Multiplier> outputFactors;  ///< bring every output to outputScale; empty: they are
    double outputScale = 1;                 ///< real value of one unit of the output

    /// The warnings worth having before anything runs: layers whose worst case the accumulator
    /// does not hold, one sentence each.
    [[nodiscard]] std::vector<std::string> overflowWarnings(const Accumulator& accumulator) const;
};

/// What a run over samples showed.
struct IntegerRun {
    std::vector<std::int64_t> outputs;  ///< sample after sample
    std::size_t width = 0;              ///< outputs of a sample
    std::vector<AccumulatorReport> layers;
};

/// Runs `samples`, one after another, on `threads` threads. Sums and counts do not depend on them.
[[nodiscard]] IntegerRun runIntegers(const IntegerNetwork& network, std::span<const float> samples,
                                     const Accumulator& accumulator, int threads);

}  // namespace bitloupe::quantization
