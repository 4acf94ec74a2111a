// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "core/network/graph_index.h"
#include "core/network/layer_names.h"
#include "core/network/network.h"
#include "core/network/simplify.h"

namespace bitloupe::network {

namespace {

/// What a batch normalization does to each channel: scale * x + offset.
struct ChannelMap {
    std::vector<double> scale;
    std::vector<double> offset;
};

const Array* floats(const GraphIndex& index, const std::string& name) {
    const Array* array = index.initializer(name);
    return array != nullptr && array->type() == ElementType::Float32 ? array : nullptr;
}

std::optional<ChannelMap> channelMap(const GraphIndex& index, const Node& node) {
    const bool training = attributeOr(node, "training_mode", std::int64_t{0}) != 0;
    const bool several = std::any_of(node.outputs.begin() + 1, node.outputs.end(),
                                     [](const std::string& output) { return !output.empty(); });
    if (node.inputs.size() != 5 || training || several ||
        attributeOr(node, "spatial", std::int64_t{1}) != 1) {
        return std::nullopt;
    }
    std::vector<std::span<const float>> parameters;
    for (std::size_t i = 1; i < 5; ++i) {
        const Array* array = floats(index, node.inputs[i]);
        if (array == nullptr ||
            (i > 1 && array->size() != static_cast<std::int64_t>(parameters[0].size()))) {
            return std::nullopt;
        }
        parameters.push_back(array->as<float>());
    }
    const double epsilon = static_cast<double>(attributeOr(node, "epsilon", 1e-5F));
    ChannelMap map;
    for (std::size_t c = 0; c < parameters[0].size(); ++c) {
        const double deviation = std::sqrt(static_cast<double>(parameters[3][c]) + epsilon);
        const double scale = static_cast<double>(parameters[0][c]) / deviation;
        if (!std::isfinite(scale)) {
            return std::nullopt;  // a negative variance: the file's own operator shows it
        }
        map.scale.push_back(scale);
        map.offset.push_back(static_cast<double>(parameters[1][c]) -
                             scale * static_cast<double>(parameters[2][c]));
    }
    return map;
}

/// The axis of the weight that counts the layer's output channels; nothing when the layer is not
/// one that a batch normalization can be folded into.
std::optional<std::size_t> outputAxis(const Node& layer) {
    if (layer.operatorType == "Conv") {
        return 0;
    }
    if (layer.operatorType == "ConvTranspose" &&
        attributeOr(layer, "group", std::int64_t{1}) == 1) {
        return 1;
    }
    const bool plainGemm = layer.operatorType == "Gemm" &&
                           attributeOr(layer, "alpha", 1.0F) == 1.0F &&
                           attributeOr(layer, "beta", 1.0F) == 1.0F;
    if (plainGemm) {
        return attributeOr(layer, "transB", std::int64_t{0}) != 0 ? 0 : 1;
    }
    return std::nullopt;
}

Array scaledAlong(const Array& weight, std::size_t axis, const std::vector<double>& scale) {
    const Shape& shape = weight.shape();
    const auto inner = static_cast<std::size_t>(elementCount(std::span(shape).subspan(axis + 1)));
    const std::span<const float> values = weight.as<float>();
    std::vector<float> scaled(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t channel = i / inner % scale.size();
        scaled[i] = static_cast<float>(static_cast<double>(values[i]) * scale[channel]);
    }
    return Array::of<float>(shape, scaled);
}

class Folder {
public:
    explicit Folder(Graph graph) : m_graph(std::move(graph)) {}

    Graph run() {
        std::set<std::size_t> folded;
        {
            const GraphIndex index(m_graph);
            for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
                const Node& node = m_graph.nodes[i];
                if (node.domain.empty() && node.operatorType == "BatchNormalization" &&
                    !node.outputs.empty() && fold(index, node)) {
                    folded.insert(i);
                }
            }
        }
        std::vector<Node> kept;
        for (std::size_t i = 0; i < m_graph.nodes.size(); ++i) {
            if (!folded.contains(i)) {
                kept.push_back(std::move(m_graph.nodes[i]));
            }
        }
        m_graph.nodes = std::move(kept);
        return std::move(m_graph);
    }

private:
    /// Changes the layer's weights and edges; the index keeps describing the graph as it was, which
    /// stays true for everything a later fold looks at.
    bool fold(const GraphIndex& index, const Node& normalization) {
        const auto maker = index.maker(normalization.inputs[0]);
        if (!maker || index.readers(normalization.inputs[0]).size() != 1 ||
            index.isOutput(normalization.inputs[0])) {
            return false;
        }
        Node& layer = m_graph.nodes[*maker];
        const auto axis = outputAxis(layer);
        const Array* weight = floats(index, inputOr(layer, 1));
        const std::string biasName = inputOr(layer, 2);
        const Array* bias = floats(index, biasName);
        const auto map = channelMap(index, normalization);
        if (!layer.domain.empty() || !axis || weight == nullptr || !map ||
            weight->shape().size() <= *axis ||
            weight->shape()[*axis] != static_cast<std::int64_t>(map->scale.size()) ||
            (!biasName.empty() && (bias == nullptr || bias->size() != weight->shape()[*axis]))) {
            return false;
        }
        std::vector<float> offsets(map->offset.size());
        for (std::size_t c = 0; c < offsets.size(); ++c) {
            const double old = bias == nullptr ? 0.0 : static_cast<double>(bias->as<float>()[c]);
            offsets[c] = static_cast<float>(old * map->scale[c] + map->offset[c]);
        }
        Array scaled = scaledAlong(*weight, *axis, map->scale);
        layer.inputs.resize(3);
        layer.inputs[1] = store(index, layer.inputs[1], layer.inputs[1], std::move(scaled));
        const std::string fresh =
            biasName.empty() ? readableLayerName(layer, inputOr(layer, 1)) + ".bias" : biasName;
        layer.inputs[2] =
            store(index, biasName, fresh,
                  Array::of<float>({static_cast<std::int64_t>(offsets.size())}, offsets));
        layer.outputs[0] = normalization.outputs[0];
        layer.remark = "batch normalization " +
                       readableLayerName(normalization, normalization.inputs[1]) + " folded";
        return true;
    }

    /// Puts `array` in the place of the initializer `old` when only one node reads that, else under
    /// a name of its own near `wanted`. Returns the name.
    std::string store(const GraphIndex& index, const std::string& old, const std::string& wanted,
                      Array array) {
        std::string name = wanted;
        const bool replace = name == old && index.readers(old).size() == 1 && !index.isOutput(old);
        for (int number = 2; !replace && taken(index, name); ++number) {
            name = wanted + "_" + std::to_string(number);
        }
        m_graph.initializers.insert_or_assign(name, std::move(array));
        return name;
    }

    [[nodiscard]] bool taken(const GraphIndex& index, const std::string& name) const {
        return m_graph.initializers.contains(name) || index.maker(name).has_value() ||
               !index.readers(name).empty();
    }

    Graph m_graph;
};

}  // namespace

Graph withFoldedBatchNormalization(Graph graph) {
    const std::int64_t before = countParameters(graph);
    Graph folded = Folder(std::move(graph)).run();
    folded.mergedParameters += before - countParameters(folded);
    return folded;
}

}  // namespace bitloupe::network
