// SPDX-License-Identifier: Apache-2.0
#include "core/exploration/channel_schemes.h"

#include <algorithm>
#include <optional>

#include "core/exploration/scheme_side.h"

namespace bitloupe::exploration {

namespace {

Assignment onlyThis(const network::Network& network, const ChannelProbe& probe) {
    Assignment assignment(network.layers.size());
    sideOf(assignment.at(probe.channels.layer), probe.channels.side) = probe.quantizer;
    return assignment;
}

Error missingChannels(const std::string& layer, const ChannelGroup& group, std::int64_t count) {
    const std::string side =
        group.side == Side::Weights ? "output channels of weights" : "input channels";
    return {"the layer has " + std::to_string(count) + " " + side + ", not the channels " +
                std::to_string(group.first) + " to " +
                std::to_string(group.first + group.count - 1),
            "layer \"" + layer + "\"", "choose channels that the layer has"};
}

/// Calls visit(first, length) for every stretch of neighbouring elements of the group.
template <typename Visit>
void forEachStretch(const ChannelLayout& layout, const ChannelGroup& group, std::size_t elements,
                    const Visit& visit) {
    const auto inner = static_cast<std::size_t>(layout.inner);
    const std::size_t step = static_cast<std::size_t>(layout.count) * inner;
    const std::size_t length = static_cast<std::size_t>(group.count) * inner;
    for (std::size_t first = static_cast<std::size_t>(group.first) * inner; first < elements;
         first += step) {
        visit(first, length);
    }
}

void copyGroup(const ChannelLayout& layout, const ChannelGroup& group, std::span<const float> from,
               std::span<float> to) {
    forEachStretch(layout, group, from.size(), [&](std::size_t first, std::size_t length) {
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), length,
                    to.begin() + static_cast<std::ptrdiff_t>(first));
    });
}

std::vector<float> valuesOf(const ChannelLayout& layout, const ChannelGroup& group,
                            std::span<const float> all) {
    std::vector<float> values;
    forEachStretch(layout, group, all.size(), [&](std::size_t first, std::size_t length) {
        const std::span<const float> stretch = all.subspan(first, length);
        values.insert(values.end(), stretch.begin(), stretch.end());
    });
    return values;
}

bool isInside(const ChannelGroup& group, const ChannelLayout& layout) {
    return group.first >= 0 && group.count > 0 && group.first + group.count <= layout.count;
}

}  // namespace

ChannelSchemes::ChannelSchemes(const network::Network& network, execution::PopulationRunner& runner,
                               LayerSchemes& schemes)
    : m_network(network), m_runner(runner), m_schemes(schemes) {}

ChannelSchemes::~ChannelSchemes() {
    for (const auto& [layer, variant] : m_weights) {
        m_runner.removeWeights(layer, variant);
    }
    for (const auto& [layer, variant] : m_roundings) {
        m_runner.removeRounding(layer, variant);
    }
}

std::size_t ChannelSchemes::bytesOf(const network::Network& network, const ChannelProbe& probe) {
    return probe.channels.side == Side::Activations
               ? 0
               : sizeof(float) * static_cast<std::size_t>(elementCount(
                                     network.layers.at(probe.channels.layer).weightShape));
}

Result<execution::VariantList> ChannelSchemes::variants(const ChannelProbe& probe) {
    const ChannelGroup& group = probe.channels;
    const network::Layer& layer = m_network.layers.at(group.layer);
    const ChannelLayout layout = channelLayout(layer, group.side);
    if (!isInside(group, layout)) {
        return missingChannels(layer.name, group, layout.count);
    }
    const Result<ResolvedLayers> resolved = m_schemes.resolve(onlyThis(m_network, probe));
    if (resolved.hasError()) {
        return resolved.error();
    }
    execution::VariantList variants(m_network.layers.size());
    if (const auto& weights = resolved.value().weights[group.layer]; weights.has_value()) {
        const Result<int> added = addWeights(probe, layout, *weights);
        if (added.hasError()) {
            return added.error();
        }
        variants[group.layer].weights = added.value();
    }
    if (const auto& rounding = resolved.value().activations[group.layer]; rounding.has_value()) {
        variants[group.layer].input = addRounding(probe, layout, *rounding);
    }
    return variants;
}

Result<int> ChannelSchemes::addWeights(const ChannelProbe& probe, const ChannelLayout& layout,
                                       const quantization::QuantizedWeights& rounded) {
    const ChannelGroup& group = probe.channels;
    const network::Layer& layer = m_network.layers[group.layer];
    const std::span<const float> original =
        m_network.graph->initializers.at(layer.weight).as<float>();
    std::vector<float> mixed(original.begin(), original.end());
    copyGroup(layout, group, rounded.values.as<float>(), mixed);
    std::vector<float> shift(rounded.outputShift.size(), 0.0F);
    if (shift.size() == static_cast<std::size_t>(layout.count)) {
        const auto first = static_cast<std::ptrdiff_t>(group.first);
        std::copy_n(rounded.outputShift.begin() + first, group.count, shift.begin() + first);
    }
    Result<int> added =
        m_runner.addWeights(group.layer, Array::of<float>(layer.weightShape, mixed), shift);
    if (added.hasValue()) {
        m_weights.emplace_back(group.layer, added.value());
    }
    return added;
}

int ChannelSchemes::addRounding(const ChannelProbe& probe, const ChannelLayout& layout,
                                const quantization::ActivationRounding& rounding) {
    const ChannelGroup& group = probe.channels;
    const auto round = [rounding, layout, group](std::span<const float> in, std::span<float> out) {
        std::vector<float> whole(in.size());
        rounding.apply(in, whole);
        std::copy(in.begin(), in.end(), out.begin());
        copyGroup(layout, group, whole, out);
    };
    const int variant = m_runner.addRounding(group.layer, {{round, roundsPerSample(rounding)}});
    m_roundings.emplace_back(group.layer, variant);
    return variant;
}

std::vector<RoundingError> channelRoundingErrors(const network::Network& network,
                                                 LayerSchemes& schemes,
                                                 std::span<const ChannelProbe> probes) {
    std::vector<RoundingError> errors;
    const ChannelProbe* known = nullptr;  // that `tensor` was rounded for
    std::optional<LayerSchemes::RoundedTensor> tensor;
    for (const ChannelProbe& probe : probes) {
        const ChannelGroup& group = probe.channels;
        const ChannelLayout layout = channelLayout(network.layers.at(group.layer), group.side);
        if (known == nullptr || known->channels.layer != group.layer ||
            known->channels.side != group.side || !(known->quantizer == probe.quantizer)) {
            Result<LayerSchemes::RoundedTensor> made =
                schemes.roundedTensor(group.layer, group.side, probe.quantizer);
            tensor = made.hasError() ? std::nullopt : std::optional(std::move(made).value());
            known = &probe;
        }
        errors.push_back(tensor && isInside(group, layout)
                             ? errorOf(valuesOf(layout, group, tensor->original),
                                       valuesOf(layout, group, tensor->rounded))
                             : RoundingError());
    }
    return errors;
}

}  // namespace bitloupe::exploration
