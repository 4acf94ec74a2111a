// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/build_integer_network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantization/channel_rows.h"
#include "core/quantization/integer/graph_walk.h"
#include "core/quantization/uniform.h"

namespace bitloupe::quantization {

namespace {

/// The range of what a layer passes on.
IntegerRange passedOnRange(const IntegerLayer& layer) {
    const std::int64_t unit = std::int64_t{1} << layer.fractionBits;
    const std::int64_t rest = layer.fractionBits == 0 ? 0 : unit;
    return {layer.worst.least * unit - rest, layer.worst.most * unit + rest};
}

/// As many bits below a unit as kEdgeBits leave for the largest sum.
int fractionBitsFor(const IntegerRange& worst) {
    const double most = std::max({1.0, std::fabs(static_cast<double>(worst.least)) + 1,
                                  std::fabs(static_cast<double>(worst.most)) + 1});
    return std::max(0, static_cast<int>(std::floor(kEdgeBits - std::log2(most))));
}

/// Layers as a design quantizes them.
class DesignScheme : public IntegerScheme {
public:
    DesignScheme(const network::Network& network,
                 std::span<const std::optional<QuantizedWeights>> weights,
                 std::span<const std::optional<ActivationRounding>> activations,
                 Multiplier::Kind kind)
        : m_network(network), m_weights(weights), m_activations(activations), m_kind(kind) {}

    Result<BuiltLayer> layer(std::size_t index, const IntegerEdge& input) override {
        const std::string where = "layer \"" + m_network.layers[index].name + "\"";
        const auto& weights = m_weights[index];
        const auto& rounding = m_activations[index];
        BuiltLayer built;
        IntegerLayer& layer = built.layer;
        if (const Result<void> known = describeLayer(m_network, index, input, layer);
            known.hasError()) {
            return known.error();
        }
        if (weights && weights->scalings.size() != 1 &&
            weights->scalings.size() != layer.channels) {
            return Error{"integer sums need one scale an output channel", where,
                         "use @tensor or @channel for its weights"};
        }
        const auto codes =
            weights ? uniformWeights(Quantizer{.format = weights->format}, *weights) : std::nullopt;
        const auto inputs = rounding ? uniformActivation(*rounding) : std::nullopt;
        if (!codes || !inputs || !roundsToNearest(inputs->format)) {
            return Error{"integer arithmetic needs integer weights and inputs", where,
                         "use int, uint or fixed-point formats on both sides of every layer"};
        }
        convertInput(*inputs, input, layer.input);
        takeWeights(index, *codes, *weights, built);
        built.range = passedOnRange(layer);
        return built;
    }
    [[nodiscard]] IntegerPool::Kind averageKind() const override { return IntegerPool::Kind::Sum; }
    [[nodiscard]] Multiplier multiplier(double factor) const override {
        return m_kind == Multiplier::Kind::Gemmlowp ? Multiplier::gemmlowp(factor)
                                                    : Multiplier::floorShift(factor);
    }

private:
    static bool roundsToNearest(const UniformFormat& format) {
        return format.rounding == numerics::FixedRounding::NearestEven &&
               format.overflow == numerics::FixedOverflow::Saturate;
    }

    void convertInput(const UniformActivation& codes, const IntegerEdge& input,
                      CodeConversion& conversion) const {
        conversion.codes = {codes.format.lowest() - codes.zeroPoint,
                            codes.format.highest() - codes.zeroPoint};
        conversion.scale = codes.scale;
        conversion.zeroPoint = codes.zeroPoint;
        conversion.fromReal = input.isReal();
        if (!input.isReal()) {
            const auto scale = static_cast<double>(codes.scale);
            conversion.factors =
                input.scales.mapped([&](double unit) { return multiplier(unit / scale); });
        }
    }

    void takeWeights(std::size_t index, const UniformWeights& codes,
                     const QuantizedWeights& weights, BuiltLayer& built) const {
        IntegerLayer& layer = built.layer;
        const network::Layer& described = m_network.layers[index];
        const ChannelRows rows = ChannelRows::of(described.weightShape, described.channelAxis);
        layer.weights = rows.toRows(codes.codes.as<std::int32_t>());
        layer.codes = {outputsFirst(described), codes.format.bits, codes.format.isSigned,
                       codes.scales, codes.zeroPoints};
        for (std::size_t i = 0; i < layer.weights.size(); ++i) {
            const std::size_t channel = codes.zeroPoints.size() == 1 ? 0 : i / layer.length;
            layer.weights[i] -= static_cast<std::int32_t>(codes.zeroPoints[channel]);
        }
        std::vector<double> bias = biasOf(m_network, index, layer.channels);
        for (std::size_t c = 0; c < layer.channels; ++c) {
            bias[c] +=
                weights.outputShift.empty() ? 0 : static_cast<double>(weights.outputShift[c]);
            built.channelScales.push_back(
                static_cast<double>(layer.input.scale) *
                static_cast<double>(codes.scales[codes.scales.size() == 1 ? 0 : c]));
            layer.bias.push_back(std::llround(bias[c] / built.channelScales[c]));
        }
        layer.findWorstCase();
        if (m_kind == Multiplier::Kind::Gemmlowp) {
            layer.fractionBits = fractionBitsFor(layer.worst);
        }
        for (std::size_t c = 0; c < layer.channels; ++c) {
            built.channelScales[c] = std::ldexp(built.channelScales[c], -layer.fractionBits);
            layer.bias[c] = std::llround(bias[c] / built.channelScales[c]);
        }
        if (codes.scales.size() == 1) {
            built.channelScales.resize(1);
        }
    }

    static Shape outputsFirst(const network::Layer& layer) {
        Shape shape = layer.weightShape;
        std::rotate(shape.begin(), shape.begin() + layer.channelAxis,
                    shape.begin() + layer.channelAxis + 1);
        return shape;
    }

    const network::Network& m_network;
    std::span<const std::optional<QuantizedWeights>> m_weights;
    std::span<const std::optional<ActivationRounding>> m_activations;
    Multiplier::Kind m_kind;
};

/// Layers of which nothing but the sizes is known.
class ShapeScheme : public IntegerScheme {
public:
    explicit ShapeScheme(const network::Network& network) : m_network(network) {}

    Result<BuiltLayer> layer(std::size_t index, const IntegerEdge& input) override {
        BuiltLayer built;
        if (const Result<void> known = describeLayer(m_network, index, input, built.layer);
            known.hasError()) {
            return known.error();
        }
        built.channelScales = {1};
        return built;
    }
    [[nodiscard]] IntegerPool::Kind averageKind() const override { return IntegerPool::Kind::Sum; }
    [[nodiscard]] Multiplier multiplier(double factor) const override {
        return Multiplier::gemmlowp(factor);
    }

private:
    const network::Network& m_network;
};

/// 8-bit weights, activations in units of 1/256 that are never clamped.
class ByteWeightScheme : public IntegerScheme {
public:
    explicit ByteWeightScheme(const network::Network& network) : m_network(network) {}

    Result<BuiltLayer> layer(std::size_t index, const IntegerEdge& input) override {
        const network::Layer& described = m_network.layers[index];
        const auto stored = m_network.graph->initializers.find(described.weight);
        if (stored == m_network.graph->initializers.end() ||
            stored->second.type() != ElementType::Float32) {
            return Error{"the layer has no stored weights", "layer \"" + described.name + "\"",
                         "choose another network"};
        }
        BuiltLayer built;
        IntegerLayer& layer = built.layer;
        if (const Result<void> known = describeLayer(m_network, index, input, layer);
            known.hasError()) {
            return known.error();
        }
        const ByteWeights bytes = byteWeights(stored->second.as<float>());
        const ChannelRows rows = ChannelRows::of(described.weightShape, described.channelAxis);
        layer.weights = rows.toRows(std::span<const std::int32_t>(bytes.codes));
        for (std::int32_t& weight : layer.weights) {
            weight -= bytes.zeroPoint;
        }
        layer.output = multiplier(std::round(bytes.scale * kDigits) / kDigits);
        for (const double bias : biasOf(m_network, index, layer.channels)) {
            layer.bias.push_back(std::llround(std::nearbyint(
                bias * kUnits * std::ldexp(1.0, layer.output->shift) / layer.output->value)));
        }
        layer.codes = {
            described.weightShape, 8, false, {static_cast<float>(bytes.scale)}, {bytes.zeroPoint}};
        readInput(input, layer.input);
        layer.findWorstCase();
        built.channelScales.assign(layer.channels, 1 / kUnits);
        built.range = {layer.output->apply(layer.worst.least),
                       layer.output->apply(layer.worst.most)};
        return built;
    }
    [[nodiscard]] IntegerPool::Kind averageKind() const override {
        return IntegerPool::Kind::RoundedMean;
    }
    [[nodiscard]] Multiplier multiplier(double factor) const override {
        return Multiplier::floorShift(factor);
    }

private:
    static constexpr double kUnits = 256;
    static constexpr double kDigits = 1e4;

    static void readInput(const IntegerEdge& input, CodeConversion& conversion) {
        conversion.codes = input.range;
        if (input.isReal()) {
            conversion.fromReal = true;
            conversion.scale = 1.0F / 255;
            conversion.codes = {0, 255};
        }
    }

    const network::Network& m_network;
};

}  // namespace

ByteWeights byteWeights(std::span<const float> weights) {
    constexpr float kCodes = 255;
    ByteWeights bytes;
    if (weights.empty()) {
        return bytes;
    }
    const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
    const float scale = *high > *low ? (*high - *low) / kCodes : 1.0F;
    bytes.scale = static_cast<double>(scale);
    bytes.zeroPoint = static_cast<std::int32_t>(-*low / scale);
    for (const float weight : weights) {
        const float code =
            std::clamp(static_cast<float>(bytes.zeroPoint) + weight / scale, 0.0F, kCodes);
        bytes.codes.push_back(static_cast<std::int32_t>(std::nearbyint(code)));
    }
    return bytes;
}

Result<IntegerNetwork> integerNetwork(
    const network::Network& network, std::span<const std::optional<QuantizedWeights>> weights,
    std::span<const std::optional<ActivationRounding>> activations, Multiplier::Kind kind) {
    DesignScheme scheme(network, weights, activations, kind);
    return buildSteps(network, scheme);
}

std::optional<Error> integerObstacle(const network::Network& network) {
    ShapeScheme scheme(network);
    const Result<IntegerNetwork> built = buildSteps(network, scheme);
    return built.hasError() ? std::optional(built.error()) : std::nullopt;
}

Result<IntegerNetwork> byteWeightNetwork(const network::Network& network) {
    ByteWeightScheme scheme(network);
    return buildSteps(network, scheme);
}

}  // namespace bitloupe::quantization
