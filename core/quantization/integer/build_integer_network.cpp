// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/build_integer_network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/quantization/channel_rows.h"
#include "core/quantization/integer/graph_walk.h"
#include "core/quantization/scale_search.h"

namespace bitloupe::quantization {

namespace {

std::span<const std::int32_t> weightsOf(const IntegerLayer& layer, std::size_t channel) {
    return std::span(layer.weights).subspan(channel * layer.length, layer.length);
}

template <typename T>
bool isWithin(std::int64_t least, std::int64_t most) {
    return least >= std::numeric_limits<T>::min() && most <= std::numeric_limits<T>::max();
}

void findWorstCase(IntegerLayer& layer) {
    for (std::size_t c = 0; c < layer.channels; ++c) {
        const IntegerRange range = worstCase(weightsOf(layer, c), layer.input.codes, layer.bias[c]);
        if (c == 0) {
            layer.worst = range;
        }
        layer.worst.include(range.least);
        layer.worst.include(range.most);
    }
    const auto [least, most] = std::minmax_element(layer.weights.begin(), layer.weights.end());
    // Twice the worst case leaves room for sums in any order, without the bias or with it.
    const bool isShort = isWithin<std::int16_t>(layer.input.codes.least, layer.input.codes.most) &&
                         isWithin<std::int32_t>(2 * layer.worst.least, 2 * layer.worst.most) &&
                         !layer.weights.empty() && isWithin<std::int16_t>(*least, *most);
    if (isShort) {
        layer.shortWeights.resize(layer.weights.size());
        std::transform(layer.weights.begin(), layer.weights.end(), layer.shortWeights.begin(),
                       [](std::int32_t weight) { return static_cast<std::int16_t>(weight); });
    }
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
        if (!weights || !rounding || !isInteger(weights->format) || !isInteger(rounding->format)) {
            return Error{"integer arithmetic needs integer weights and inputs", where,
                         "use int or uint formats on both sides of every layer"};
        }
        BuiltLayer built;
        IntegerLayer& layer = built.layer;
        if (const Result<void> known = describeLayer(m_network, index, input, layer);
            known.hasError()) {
            return known.error();
        }
        if (weights->scalings.size() != 1 && weights->scalings.size() != layer.channels) {
            return Error{"integer sums need one scale an output channel", where,
                         "use @tensor or @channel for its weights"};
        }
        convertInput(*rounding, input, layer.input);
        takeWeights(index, *weights, static_cast<double>(rounding->options.scaling.scale), built);
        findWorstCase(layer);
        built.range = layer.worst;
        return built;
    }
    [[nodiscard]] IntegerPool::Kind averageKind() const override { return IntegerPool::Kind::Sum; }
    [[nodiscard]] Multiplier multiplier(double factor) const override {
        return m_kind == Multiplier::Kind::Gemmlowp ? Multiplier::gemmlowp(factor)
                                                    : Multiplier::floorShift(factor);
    }

private:
    static bool isInteger(const numerics::NumberFormat& format) {
        return format.family() == numerics::Family::Integer;
    }

    void convertInput(const ActivationRounding& rounding, const IntegerEdge& input,
                      CodeConversion& conversion) const {
        const CodeRange codes = codeRange(rounding.format, rounding.options.narrow);
        const auto zero = static_cast<double>(rounding.options.scaling.zeroPoint);
        conversion.codes = {std::llround(codes.lowest - zero), std::llround(codes.highest - zero)};
        if (input.isReal()) {
            conversion.fromReal = rounding;
            return;
        }
        const auto scale = static_cast<double>(rounding.options.scaling.scale);
        for (const double unit : input.scales) {
            conversion.factors.push_back(multiplier(unit / scale));
        }
    }

    void takeWeights(std::size_t index, const QuantizedWeights& weights, double inputScale,
                     BuiltLayer& built) const {
        IntegerLayer& layer = built.layer;
        const network::Layer& described = m_network.layers[index];
        const ChannelRows rows = ChannelRows::of(described.weightShape, described.channelAxis);
        layer.weights = rows.toRows(weights.codes.as<std::int32_t>());
        const std::vector<double> bias = biasOf(m_network, index, layer.channels);
        for (std::size_t c = 0; c < layer.channels; ++c) {
            const numerics::Scaling& scaling =
                weights.scalings[weights.scalings.size() == 1 ? 0 : c];
            const auto zero = static_cast<std::int32_t>(std::lround(scaling.zeroPoint));
            for (std::size_t i = 0; i < layer.length; ++i) {
                layer.weights[c * layer.length + i] -= zero;
            }
            const double unit = inputScale * static_cast<double>(scaling.scale);
            const double shift =
                weights.outputShift.empty() ? 0 : static_cast<double>(weights.outputShift[c]);
            layer.bias.push_back(std::llround((bias[c] + shift) / unit));
            built.channelScales.push_back(unit);
        }
    }

    const network::Network& m_network;
    std::span<const std::optional<QuantizedWeights>> m_weights;
    std::span<const std::optional<ActivationRounding>> m_activations;
    Multiplier::Kind m_kind;
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
        readInput(input, layer.input);
        findWorstCase(layer);
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
            Result<numerics::NumberFormat> byte = numerics::NumberFormat::parse("uint8");
            conversion.fromReal = ActivationRounding{std::move(byte).value(), {}, 0};
            conversion.fromReal->options.scaling.scale = 1.0F / 255;
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

Result<IntegerNetwork> byteWeightNetwork(const network::Network& network) {
    ByteWeightScheme scheme(network);
    return buildSteps(network, scheme);
}

}  // namespace bitloupe::quantization
