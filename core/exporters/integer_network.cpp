// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/integer_network.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/exporters/integer_chain.h"
#include "core/exporters/uniform.h"

namespace bitloupe::exporters {

namespace {

constexpr int kMostBits = 16;
constexpr int kSumBits = 30;  ///< of the largest sum, fraction bits included: 32 with room to round

/// multiplier * 2^(31 - shift) = real, multiplier in [2^30, 2^31).
void addMultiplier(double real, Requantization& requantization) {
    constexpr double kOne = 2147483648.0;
    int exponent = 0;
    auto multiplier = std::llround(std::frexp(real, &exponent) * kOne);
    if (multiplier == static_cast<long long>(kOne)) {
        multiplier /= 2;
        ++exponent;
    }
    requantization.multipliers.push_back(static_cast<std::int32_t>(multiplier));
    requantization.shifts.push_back(-exponent);
}

/// Sizes of a weight matrix of [in, out] or a tensor with outputs first.
struct OutputsFirst {
    std::vector<std::int32_t> codes;
    Shape shape;
};
OutputsFirst outputsFirst(const UniformWeights& weights) {
    const auto codes = weights.codes.as<std::int32_t>();
    OutputsFirst result{{codes.begin(), codes.end()}, weights.codes.shape()};
    if (weights.channelAxis == 0) {
        return result;
    }
    const auto rows = static_cast<std::size_t>(result.shape[0]);
    const auto columns = static_cast<std::size_t>(result.shape[1]);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
            result.codes[j * rows + i] = codes[i * columns + j];
        }
    }
    std::swap(result.shape[0], result.shape[1]);
    return result;
}

class Builder {
public:
    explicit Builder(const ResolvedDesign& design)
        : m_design(design), m_chain(integerChain(*design.network)) {}

    Result<IntegerNetwork> build() {
        m_network.input = m_chain.input;
        m_network.steps = m_chain.steps;
        for (std::size_t place = 0; place < m_chain.layers.size(); ++place) {
            m_network.layers.push_back(layerAt(m_chain.layers[place]));
        }
        for (std::size_t place = 0; place < m_chain.layers.size(); ++place) {
            const std::string trouble = finish(place);
            if (!trouble.empty()) {
                return Error{trouble, "layer " + m_network.layers[place].name,
                             "use fewer bits there or choose another export"};
            }
        }
        return std::move(m_network);
    }

private:
    IntegerLayer layerAt(std::size_t index) const {
        const UniformWeights weights =
            uniformWeights(*m_design.assignment[index].weights, *m_design.weights[index]).value();
        const UniformActivation input = uniformActivation(*m_design.activations[index]).value();
        OutputsFirst placed = outputsFirst(weights);
        IntegerLayer layer;
        layer.name = m_design.network->layers[index].name;
        layer.input = {input.scale, input.zeroPoint, input.format.lowest(), input.format.highest()};
        layer.weightShape = std::move(placed.shape);
        layer.weights = std::move(placed.codes);
        layer.weightBits = weights.format.bits;
        layer.weightsSigned = weights.format.isSigned;
        layer.weightScales = weights.scales;
        layer.weightZeroPoints = weights.zeroPoints;
        return layer;
    }

    /// Bias, fraction bits and multipliers of the layer at `place`; "" or what is in the way.
    std::string finish(std::size_t place) {
        IntegerLayer& layer = m_network.layers[place];
        const auto outputs = static_cast<std::size_t>(layer.weightShape[0]);
        const std::vector<double> bias = realBias(m_chain.layers[place], outputs);
        const double pooled = static_cast<double>(m_chain.summed[place]);
        double largest = 1;
        for (std::size_t c = 0; c < outputs; ++c) {
            largest = std::max(
                largest, (largestSum(layer, c) + std::fabs(bias[c]) / sumScale(layer, c)) * pooled);
        }
        layer.fractionBits = static_cast<int>(std::floor(kSumBits - std::log2(largest)));
        if (layer.fractionBits < 0) {
            return "its sums do not fit 32 bits";
        }
        const bool last = place + 1 == m_network.layers.size();
        const double unit = std::ldexp(pooled, layer.fractionBits);
        double coarsest = 0;
        for (std::size_t c = 0; c < outputs; ++c) {
            coarsest = std::max(coarsest, sumScale(layer, c) / unit);
        }
        Requantization& requantization = layer.requantization;
        requantization.output = last ? CodeScale{static_cast<float>(coarsest), 0,
                                                 std::numeric_limits<std::int32_t>::min(),
                                                 std::numeric_limits<std::int32_t>::max()}
                                     : m_network.layers[place + 1].input;
        const double target = static_cast<double>(requantization.output.scale);
        for (std::size_t c = 0; c < outputs; ++c) {
            layer.bias.push_back(static_cast<std::int32_t>(
                std::llround(std::ldexp(bias[c] / sumScale(layer, c), layer.fractionBits))));
            if (c == 0 || layer.weightScales.size() > 1) {
                addMultiplier(sumScale(layer, c) / unit / target, requantization);
            }
        }
        return {};
    }

    std::vector<double> realBias(std::size_t index, std::size_t outputs) const {
        std::vector<double> bias(outputs, 0);
        const auto& initializers = m_design.network->graph->initializers;
        const auto stored = initializers.find(m_design.network->layers[index].bias);
        if (stored != initializers.end()) {
            const auto values = stored->second.as<float>();
            for (std::size_t c = 0; c < outputs; ++c) {
                bias[c] = static_cast<double>(values[values.size() == 1 ? 0 : c]);
            }
        }
        return bias;
    }

    /// The value of one unit of a channel's sum.
    static double sumScale(const IntegerLayer& layer, std::size_t channel) {
        return static_cast<double>(layer.input.scale) *
               static_cast<double>(
                   layer.weightScales[layer.weightScales.size() == 1 ? 0 : channel]);
    }

    /// The most that a channel's sum can reach with any input codes.
    static double largestSum(const IntegerLayer& layer, std::size_t channel) {
        const auto zero = layer.weightZeroPoints[layer.weightZeroPoints.size() == 1 ? 0 : channel];
        const std::size_t length =
            layer.weights.size() / static_cast<std::size_t>(layer.weightShape[0]);
        double positive = 0;
        double negative = 0;
        for (std::size_t i = 0; i < length; ++i) {
            const auto weight = static_cast<double>(layer.weights[channel * length + i] - zero);
            (weight > 0 ? positive : negative) += std::fabs(weight);
        }
        const auto low = static_cast<double>(layer.input.zeroPoint - layer.input.lowest);
        const auto high = static_cast<double>(layer.input.highest - layer.input.zeroPoint);
        return std::max(positive * high + negative * low, positive * low + negative * high);
    }

    const ResolvedDesign& m_design;
    IntegerChain m_chain;
    IntegerNetwork m_network;
};

}  // namespace

std::vector<std::string> integerNetworkObstacles(const Schemes& schemes) {
    std::vector<std::string> sentences = quantizerObstacles(
        schemes, [](const network::Layer&, const quantization::Quantizer& quantizer, auto side) {
            return integerObstacle(quantizer, side, "integer arithmetic", kMostBits);
        });
    for (std::string& sentence : floatSideObstacles(schemes, "integer arithmetic")) {
        sentences.push_back(std::move(sentence));
    }
    const IntegerChain chain = integerChain(schemes.network);
    if (!chain.obstacle.empty()) {
        sentences.push_back(chain.obstacle);
    }
    return sentences;
}

Result<IntegerNetwork> buildIntegerNetwork(const ResolvedDesign& design) {
    const std::vector<std::string> reasons = integerNetworkObstacles(design.schemes());
    if (!reasons.empty()) {
        return Error{"the design does not fit integer arithmetic", reasons.front(),
                     "change that layer or choose another export"};
    }
    return Builder(design).build();
}

}  // namespace bitloupe::exporters
