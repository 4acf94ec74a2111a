// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/uniform.h"

#include <algorithm>
#include <cmath>

#include "core/numerics/scalar_traits.h"

namespace bitloupe::quantization {

namespace {

using numerics::NumberFormat;

/// Sizes of a weight tensor around its channel axis.
struct ChannelGeometry {
    std::size_t channels = 1;
    std::size_t inner = 1;   ///< elements of one run of a channel
    std::size_t length = 1;  ///< elements of a channel

    static ChannelGeometry of(const Shape& shape, int channelAxis) {
        ChannelGeometry geometry;
        std::size_t total = 1;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const auto size = static_cast<std::size_t>(shape[i]);
            const auto axis = static_cast<std::size_t>(channelAxis);
            total *= size;
            geometry.channels *= i == axis ? size : 1;
            geometry.inner *= i > axis ? size : 1;
        }
        geometry.length = geometry.channels == 0 ? 0 : total / geometry.channels;
        return geometry;
    }
};

struct ToUniform {
    std::optional<UniformFormat> operator()(const numerics::IntegerParameters& p) const {
        return UniformFormat{.bits = p.bits, .isSigned = p.isSigned};
    }
    std::optional<UniformFormat> operator()(const numerics::FixedParameters& p) const {
        return UniformFormat{.bits = p.width,
                             .isSigned = p.isSigned,
                             .narrow = false,
                             .rounding = p.rounding,
                             .overflow = p.overflow,
                             .step = numerics::fixedStep(p)};
    }
    std::optional<UniformFormat> operator()(const numerics::TernaryParameters& /*p*/) const {
        return UniformFormat{.bits = 2, .isSigned = true, .narrow = true};
    }
    template <typename Other>
    std::optional<UniformFormat> operator()(const Other& /*p*/) const {
        return std::nullopt;
    }
};

std::size_t groupsPerChannel(const QuantizedWeights& weights, std::size_t channels) {
    return weights.scalings.size() <= channels || channels == 0
               ? 1
               : weights.scalings.size() / channels;
}

}  // namespace

std::int64_t UniformFormat::lowest() const {
    if (!isSigned) {
        return 0;
    }
    return -(std::int64_t{1} << static_cast<unsigned>(bits - 1)) + (narrow ? 1 : 0);
}

std::int64_t UniformFormat::highest() const {
    return (std::int64_t{1} << static_cast<unsigned>(isSigned ? bits - 1 : bits)) - 1;
}

std::string UniformFormat::integerName() const {
    return (isSigned ? "int" : "uint") + std::to_string(bits);
}

std::optional<UniformFormat> uniformFormat(const NumberFormat& format) {
    const auto* scalar = std::get_if<numerics::ScalarParameters>(&format.parameters());
    return scalar == nullptr ? std::nullopt : std::visit(ToUniform(), *scalar);
}

bool UniformWeights::symmetric() const {
    return std::all_of(zeroPoints.begin(), zeroPoints.end(), [](auto zero) { return zero == 0; });
}

std::vector<std::uint32_t> scaleIndices(const Quantizer& quantizer,
                                        const QuantizedWeights& weights) {
    const Shape& shape = weights.values.shape();
    const ChannelGeometry geometry = ChannelGeometry::of(shape, weights.channelAxis);
    std::vector<std::uint32_t> indices(static_cast<std::size_t>(elementCount(shape)), 0);
    if (weights.scalings.size() <= 1) {
        return indices;
    }
    const std::size_t groups = groupsPerChannel(weights, geometry.channels);
    const std::size_t groupSize = groups == 1 ? std::max<std::size_t>(1, geometry.length)
                                              : static_cast<std::size_t>(quantizer.groupSize);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::size_t channel = i / geometry.inner % geometry.channels;
        const std::size_t place =
            i / (geometry.inner * geometry.channels) * geometry.inner + i % geometry.inner;
        indices[i] = static_cast<std::uint32_t>(channel * groups + place / groupSize);
    }
    return indices;
}

std::optional<UniformWeights> uniformWeights(const Quantizer& quantizer,
                                             const QuantizedWeights& weights) {
    std::optional<UniformFormat> format = uniformFormat(quantizer.format);
    if (!format) {
        return std::nullopt;
    }
    const bool integer = quantizer.format.family() == numerics::Family::Integer;
    format->narrow = format->narrow || (integer && format->isSigned);
    const Shape& shape = weights.values.shape();
    UniformWeights uniform;
    uniform.format = *format;
    uniform.channelAxis = weights.channelAxis;
    uniform.channels = ChannelGeometry::of(shape, weights.channelAxis).channels;
    uniform.groupsPerChannel = groupsPerChannel(weights, uniform.channels);
    for (const numerics::Scaling& scaling : weights.scalings) {
        uniform.scales.push_back(
            static_cast<float>(static_cast<double>(scaling.scale) * format->step));
        uniform.zeroPoints.push_back(std::llround(scaling.zeroPoint));
    }
    if (integer) {
        uniform.codes = weights.codes;
        return uniform;
    }
    const auto values = weights.values.as<float>();
    const std::vector<std::uint32_t> scaleOf = scaleIndices(quantizer, weights);
    std::vector<std::int32_t> codes(values.size());
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = static_cast<std::int32_t>(std::lround(
            static_cast<double>(values[i]) / static_cast<double>(uniform.scales[scaleOf[i]])));
    }
    uniform.codes = Array::of(shape, codes);
    return uniform;
}

std::optional<UniformActivation> uniformActivation(const ActivationRounding& rounding) {
    std::optional<UniformFormat> format = uniformFormat(rounding.format);
    if (!format) {
        return std::nullopt;
    }
    format->narrow = format->narrow || rounding.options.narrow;
    const numerics::Scaling& scaling = rounding.options.scaling;
    const bool integer = rounding.format.family() == numerics::Family::Integer;
    return UniformActivation{*format,
                             static_cast<float>(static_cast<double>(scaling.scale) * format->step),
                             integer ? std::llround(scaling.zeroPoint) : 0};
}

}  // namespace bitloupe::quantization
