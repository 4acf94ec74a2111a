// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/tensor_quantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

using numerics::Family;
using numerics::RoundingOptions;
using numerics::Scaling;

namespace {

/// Elements a scale search looks at; more cost time and change nothing that can be seen.
constexpr std::size_t kSearchLimit = 65536;

/// A weight tensor with its output channels as rows.
struct Rows {
    std::size_t count = 1;
    std::size_t length = 0;
    std::size_t outer = 1;  ///< runs of one channel
    std::size_t inner = 1;  ///< elements of a run

    static Rows of(const Shape& shape, int channelAxis) {
        Rows rows;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const auto size = static_cast<std::size_t>(shape[i]);
            const auto axis = static_cast<std::size_t>(channelAxis);
            (i < axis ? rows.outer : i == axis ? rows.count : rows.inner) *= size;
        }
        rows.length = rows.outer * rows.inner;
        return rows;
    }

    /// Calls visit(position in the tensor, position in the row-major copy) for each run.
    template <typename Visit>
    void forEachRun(Visit visit) const {
        for (std::size_t o = 0; o < outer; ++o) {
            for (std::size_t row = 0; row < count; ++row) {
                visit((o * count + row) * inner, row * length + o * inner);
            }
        }
    }
};

std::vector<float> toRows(std::span<const float> tensor, const Rows& rows) {
    std::vector<float> copy(tensor.size());
    rows.forEachRun([&](std::size_t from, std::size_t to) {
        std::copy_n(tensor.begin() + static_cast<std::ptrdiff_t>(from), rows.inner,
                    copy.begin() + static_cast<std::ptrdiff_t>(to));
    });
    return copy;
}

template <typename T>
std::vector<T> fromRows(const std::vector<T>& copy, const Rows& rows) {
    std::vector<T> tensor(copy.size());
    rows.forEachRun([&](std::size_t to, std::size_t from) {
        std::copy_n(copy.begin() + static_cast<std::ptrdiff_t>(from), rows.inner,
                    tensor.begin() + static_cast<std::ptrdiff_t>(to));
    });
    return tensor;
}

Result<void> checkWeights(const Array& weights, int channelAxis, const Quantizer& quantizer) {
    if (weights.type() != ElementType::Float32) {
        return Error{"weights of type " + std::string(elementTypeName(weights.type())) +
                         " cannot be quantized",
                     "", "quantize float32 weights"};
    }
    const bool axisFits =
        channelAxis >= 0 &&
        (static_cast<std::size_t>(channelAxis) < weights.shape().size() || weights.shape().empty());
    if (!axisFits) {
        return Error{"the weights have no dimension " + std::to_string(channelAxis), "",
                     "name a channel dimension that exists"};
    }
    if (quantizer.range == RangeRule::Entropy && quantizer.format.family() != Family::Integer) {
        return Error{"the entropy rule needs an integer format", "quantizer " + quantizer.name(),
                     "use /mse with this format"};
    }
    const std::span<const float> values = weights.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            return Error{"a weight is not a finite number", "element " + std::to_string(i),
                         "check how the network was trained and saved"};
        }
    }
    return {};
}

/// Rounds one group that shares a scale, in place, and says the scale.
Scaling roundGroup(std::span<float> group, const Quantizer& quantizer,
                   std::span<std::int32_t> codes) {
    RoundingOptions options;
    options.narrow = quantizer.format.family() == Family::Integer;
    const std::vector<float> sample = evenSample(group, kSearchLimit);
    if (isUnsigned(quantizer.format)) {
        const auto [low, high] = std::minmax_element(group.begin(), group.end());
        options.scaling =
            group.empty() ? Scaling{} : affineScalingFor(sample, *low, *high, quantizer);
    } else {
        options.scaling = symmetricScaling(sample, quantizer, options.narrow);
    }
    numerics::roundSpan(quantizer.format, group, group, options);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] =
            static_cast<std::int32_t>(std::lround(static_cast<double>(group[i]) /
                                                  static_cast<double>(options.scaling.scale)) +
                                      std::lround(options.scaling.zeroPoint));
    }
    return options.scaling;
}

/// Elements that share a scale. Block formats find their own scales, but along a channel.
std::size_t groupLength(const Quantizer& quantizer, const Rows& rows) {
    if (quantizer.granularity == Granularity::Group) {
        return std::min(rows.length, static_cast<std::size_t>(quantizer.groupSize));
    }
    const bool byRow = quantizer.granularity == Granularity::Channel ||
                       quantizer.format.family() == Family::Microscaling;
    return byRow ? rows.length : rows.count * rows.length;
}

}  // namespace

Result<QuantizedWeights> quantizeWeights(const Array& weights, int channelAxis,
                                         const Quantizer& quantizer) {
    if (const Result<void> checked = checkWeights(weights, channelAxis, quantizer);
        checked.hasError()) {
        return checked.error();
    }
    if (quantizer.format.isIdentity()) {
        return QuantizedWeights{weights, Array(), {Scaling{}}, channelAxis};
    }
    const Rows rows = Rows::of(weights.shape(), channelAxis);
    std::vector<float> values = toRows(weights.as<float>(), rows);
    const bool integer = quantizer.format.family() == Family::Integer;
    std::vector<std::int32_t> codes(integer ? values.size() : 0);
    QuantizedWeights result;
    result.channelAxis = channelAxis;
    const std::size_t length = std::max<std::size_t>(1, groupLength(quantizer, rows));
    const std::size_t span =
        quantizer.granularity == Granularity::Group ? rows.length : values.size();
    for (std::size_t start = 0; start < values.size();) {
        // A group ends with its channel.
        const std::size_t end =
            std::min(start + length, span == 0 ? values.size() : (start / span + 1) * span);
        result.scalings.push_back(roundGroup(
            std::span(values).subspan(start, end - start), quantizer,
            integer ? std::span(codes).subspan(start, end - start) : std::span<std::int32_t>()));
        start = end;
    }
    result.values = Array::of(weights.shape(), fromRows(values, rows));
    if (integer) {
        result.codes = Array::of(weights.shape(), fromRows(codes, rows));
    } else if (!takesScale(quantizer.format)) {
        result.scalings = {Scaling{}};
    }
    return result;
}

Result<ActivationRounding> chooseActivationRounding(const ValueStatistics& statistics,
                                                    const Quantizer& quantizer) {
    const numerics::NumberFormat& format = quantizer.format;
    const std::string where = "quantizer " + quantizer.name();
    if (quantizer.granularity != Granularity::Tensor) {
        return Error{"activations have one scale for the whole tensor", where, "leave out the @"};
    }
    if (format.family() == Family::Codebook || format.family() == Family::Multipoint) {
        return Error{"codebooks and multipoint formats are fitted to weights", where,
                     "choose another format for the activations"};
    }
    if (!std::isfinite(statistics.minimum) || !std::isfinite(statistics.maximum)) {
        return Error{"the calibration saw a value that is not a finite number", where,
                     "check the data and its scaling"};
    }
    ActivationRounding rounding{.format = format, .options = {}};
    if (format.family() == Family::Integer) {
        rounding.options.scaling =
            affineScalingFor(statistics.sample, statistics.minimum, statistics.maximum, quantizer);
        return rounding;
    }
    if (quantizer.range == RangeRule::Entropy) {
        return Error{"the entropy rule needs an integer format", where,
                     "use /mse with this format"};
    }
    std::vector<float> values = statistics.sample;
    values.push_back(statistics.minimum);
    values.push_back(statistics.maximum);
    rounding.options.scaling = symmetricScaling(values, quantizer, false);
    return rounding;
}

double sqnrDb(std::span<const float> original, std::span<const float> rounded) {
    double signal = 0;
    double noise = 0;
    for (std::size_t i = 0; i < original.size(); ++i) {
        const auto value = static_cast<double>(original[i]);
        const double difference = value - static_cast<double>(rounded[i]);
        signal += value * value;
        noise += difference * difference;
    }
    if (noise == 0) {
        return std::numeric_limits<double>::infinity();
    }
    return 10 * std::log10(signal / noise);
}

}  // namespace bitloupe::quantization
