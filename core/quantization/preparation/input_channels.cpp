// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/preparation/input_channels.h"

#include <algorithm>
#include <cmath>

#include "core/network/graph_index.h"

namespace bitloupe::quantization {

std::optional<InputChannels> InputChannels::of(const network::Network& network, std::size_t index,
                                               std::size_t channels) {
    const network::Layer& layer = network.layers[index];
    const network::Node& node = network.graph->nodes[layer.node];
    if (layer.weight.empty() || channels == 0) {
        return std::nullopt;
    }
    InputChannels result;
    result.m_channels = channels;
    const auto size = [&](std::size_t axis) {
        return static_cast<std::size_t>(layer.weightShape[axis]);
    };
    if (layer.operatorType == "Conv") {
        if (layer.weightShape.size() < 3 || layer.channelAxis != 0) {
            return std::nullopt;
        }
        result.m_inner =
            static_cast<std::size_t>(elementCount(std::span(layer.weightShape).subspan(2)));
        result.m_inputs = size(1);
        const std::size_t groups = result.m_inputs == 0 ? 0 : channels / result.m_inputs;
        if (groups == 0 || groups * result.m_inputs != channels || size(0) % groups != 0) {
            return std::nullopt;
        }
        result.m_outputStride = result.m_inputs * result.m_inner;
        result.m_outputsOfGroup = groups == 1 ? 0 : size(0) / groups;
        return result;
    }
    const bool product = layer.operatorType == "MatMul" ||
                         (layer.operatorType == "Gemm" &&
                          network::attributeOr(node, "transA", std::int64_t{0}) == 0);
    if (!product || layer.weightShape.size() != 2 || network::inputOr(node, 0) != layer.input) {
        return std::nullopt;
    }
    const auto axis = static_cast<std::size_t>(1 - layer.channelAxis);
    result.m_inner = axis == 0 ? size(1) : 1;
    result.m_inputs = size(axis);
    result.m_perChannel = result.m_inputs / channels;
    return result.m_perChannel * channels == result.m_inputs && result.m_perChannel > 0
               ? std::optional(result)
               : std::nullopt;
}

std::size_t InputChannels::channelOf(std::size_t element) const {
    const std::size_t input = element / m_inner % m_inputs / m_perChannel;
    if (m_outputsOfGroup == 0) {
        return input;
    }
    return element / m_outputStride / m_outputsOfGroup * m_inputs + input;
}

std::vector<double> InputChannels::largest(std::span<const float> weight) const {
    std::vector<double> ranges(m_channels, 0.0);
    for (std::size_t i = 0; i < weight.size(); ++i) {
        double& range = ranges[channelOf(i)];
        range = std::max(range, std::fabs(static_cast<double>(weight[i])));
    }
    return ranges;
}

std::vector<float> InputChannels::scaled(std::span<const float> weight,
                                         const std::vector<double>& factors) const {
    std::vector<float> result(weight.size());
    for (std::size_t i = 0; i < weight.size(); ++i) {
        result[i] = static_cast<float>(static_cast<double>(weight[i]) * factors[channelOf(i)]);
    }
    return result;
}

}  // namespace bitloupe::quantization
