// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/graph_walk.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/quantization/channel_rows.h"

namespace bitloupe::quantization {

namespace {

using network::Node;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kSmallest = std::numeric_limits<std::int64_t>::min();

Error notInIntegers(const Node& node, const std::string& why) {
    return {why, "node \"" + node.name + "\" (" + node.operatorType + ")",
            "integer arithmetic runs convolutions, dense layers, ReLU, Clip, poolings, additions "
            "and reshapes"};
}

bool keepsElements(const Node& node) {
    static const std::set<std::string> kKeeping = {"Flatten",   "Reshape",  "Squeeze",
                                                   "Unsqueeze", "Identity", "Dropout"};
    return kKeeping.count(node.operatorType) > 0;
}

/// Builds the steps of one graph.
class Walk {
public:
    Walk(const network::Network& network, IntegerScheme& scheme)
        : m_network(network), m_index(*network.graph), m_scheme(scheme) {
        for (std::size_t i = 0; i < network.layers.size(); ++i) {
            m_layers[network.layers[i].node] = i;
        }
    }

    Result<IntegerNetwork> build() {
        const network::Graph& graph = *m_network.graph;
        if (graph.inputs.size() != 1 || m_network.layers.empty()) {
            return Error{"integer arithmetic needs a network with one input and a layer", "",
                         "choose another network"};
        }
        IntegerEdge& input = m_edges[graph.inputs.front().name];
        input.shape = inputShape(graph.inputs.front());
        m_built.sampleLength = input.elements();
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            if (const Result<void> added = addNode(i); added.hasError()) {
                return added.error();
            }
        }
        return finish();
    }

private:
    /// As the data has it: what the first layer that reads the input was traced with.
    [[nodiscard]] Shape inputShape(const network::ValueInfo& info) const {
        for (const network::Layer& layer : m_network.layers) {
            if (layer.input == info.name && !layer.inputShape.empty()) {
                return layer.inputShape;
            }
        }
        Shape shape;
        for (const network::Dimension& dimension : info.shape) {
            shape.push_back(dimension.value.value_or(1));
        }
        if (!shape.empty()) {
            shape.front() = 1;
        }
        return shape;
    }

    Result<void> addNode(std::size_t index) {
        const Node& node = m_network.graph->nodes[index];
        const bool isConstant = std::all_of(
            node.inputs.begin(), node.inputs.end(),
            [this](const std::string& name) { return m_edges.find(name) == m_edges.end(); });
        if (isConstant) {
            return {};  // computed once, read through the layers that use it
        }
        if (const auto layer = m_layers.find(index); layer != m_layers.end()) {
            return addLayer(layer->second, node);
        }
        if (keepsElements(node) || isEmptyPad(node) || isFinalSoftmax(node)) {
            return addCopy(node);
        }
        const std::string& type = node.operatorType;
        if (type == "Relu" || type == "Clip") {
            return addClamp(node);
        }
        if (type == "MaxPool" || type == "AveragePool" || type == "GlobalAveragePool" ||
            type == "GlobalMaxPool") {
            return addPool(node);
        }
        return type == "Add" ? addSum(node) : notInIntegers(node, "it has no integer form here");
    }

    [[nodiscard]] const IntegerEdge* edgeOf(const Node& node, std::size_t i) const {
        const auto found = m_edges.find(network::inputOr(node, i));
        return found == m_edges.end() ? nullptr : &found->second;
    }

    /// A new edge for the node's output, and the step that makes it.
    IntegerEdge& append(const Node& node, IntegerStep step) {
        IntegerEdge edge;
        edge.index = m_built.edges++;
        step.output = edge.index;
        m_built.steps.push_back(std::move(step));
        return m_edges[node.outputs.front()] = edge;
    }

    Result<void> addLayer(std::size_t index, const Node& node) {
        const auto input = m_edges.find(m_network.layers[index].input);
        if (input == m_edges.end()) {
            return notInIntegers(node, "its input is not computed");
        }
        const IntegerEdge from = input->second;
        Result<BuiltLayer> built = m_scheme.layer(index, from);
        if (built.hasError()) {
            return built.error();
        }
        const std::vector<double> scales = built.value().channelScales;
        const IntegerRange range = built.value().range;
        const IntegerLayer& layer = built.value().layer;
        const std::size_t places = layer.window ? layer.window->places() : layer.rows;
        const bool channelsFirst = layer.window.has_value();
        m_mergedBiases.insert(m_network.layers[index].bias);
        IntegerEdge& edge = append(node, {std::move(built.value().layer), {from.index}});
        edge.shape = m_network.layers[index].outputShape;
        edge.range = range;
        for (std::size_t i = 0; i < scales.size() * places; ++i) {
            edge.scales.push_back(scales[channelsFirst ? i / places : i % scales.size()]);
        }
        return {};
    }

    Result<void> addCopy(const Node& node) {
        const IntegerEdge from = *edgeOf(node, 0);
        if (from.isReal()) {
            return rename(node, from);
        }
        IntegerEdge& edge = append(node, {IntegerCopy{}, {from.index}});
        edge.shape = {1, static_cast<std::int64_t>(from.elements())};
        if (isEmptyPad(node) || isFinalSoftmax(node)) {
            edge.shape = from.shape;
        } else if (const auto known = shapeBefore(node.outputs.front()); !known.empty()) {
            edge.shape = known;
        }
        edge.scales = from.scales;
        edge.range = from.range;
        return {};
    }

    /// Reshaping the real input changes nothing but its name.
    Result<void> rename(const Node& node, const IntegerEdge& from) {
        IntegerEdge edge = from;
        if (const auto known = shapeBefore(node.outputs.front()); !known.empty()) {
            edge.shape = known;
        }
        m_edges[node.outputs.front()] = edge;
        return {};
    }

    /// The shape of an edge that a layer reads.
    [[nodiscard]] Shape shapeBefore(const std::string& edge) const {
        for (const network::Layer& layer : m_network.layers) {
            if (layer.input == edge) {
                return layer.inputShape;
            }
        }
        return {};
    }

    Result<void> addClamp(const Node& node) {
        const IntegerEdge from = *edgeOf(node, 0);
        if (from.isReal()) {
            return notInIntegers(node, "it works on the network's real input");
        }
        const double low = node.operatorType == "Relu" ? 0 : limit(node, 1, "min");
        const double high = node.operatorType == "Relu" ? std::numeric_limits<double>::infinity()
                                                        : limit(node, 2, "max");
        IntegerClamp clamp;
        for (const double scale : from.scales) {
            clamp.low.push_back(std::isfinite(low) ? std::llround(low / scale) : kSmallest);
            clamp.high.push_back(std::isfinite(high) ? std::llround(high / scale) : kLargest);
        }
        const IntegerRange bounds{
            clamp.low.empty() ? 0 : *std::min_element(clamp.low.begin(), clamp.low.end()),
            clamp.high.empty() ? 0 : *std::max_element(clamp.high.begin(), clamp.high.end())};
        IntegerEdge& edge = append(node, {std::move(clamp), {from.index}});
        edge.shape = from.shape;
        edge.scales = from.scales;
        edge.range = {std::max(from.range.least, bounds.least),
                      std::min(from.range.most, bounds.most)};
        return {};
    }

    /// A limit of Clip: an input since opset 11, an attribute before; none is infinite.
    [[nodiscard]] double limit(const Node& node, std::size_t input, const char* attribute) const {
        const Array* array = m_index.initializer(network::inputOr(node, input));
        if (array != nullptr && array->type() == ElementType::Float32 && array->size() == 1) {
            return static_cast<double>(array->as<float>()[0]);
        }
        const float none = input == 1 ? -std::numeric_limits<float>::infinity()
                                      : std::numeric_limits<float>::infinity();
        return static_cast<double>(network::attributeOr(node, attribute, none));
    }

    Result<void> addPool(const Node& node) {
        const IntegerEdge from = *edgeOf(node, 0);
        if (from.isReal() || from.shape.size() < 3) {
            return notInIntegers(node, "it does not pool accumulators of images");
        }
        const auto spatial = std::span(from.shape).subspan(2);
        const bool global = node.operatorType.starts_with("Global");
        const bool maximum = node.operatorType.ends_with("MaxPool");
        const Shape kernel = global ? Shape(spatial.begin(), spatial.end())
                                    : network::attributeOr(node, "kernel_shape", Shape());
        Result<SlidingWindow> window = SlidingWindow::of(node, spatial, kernel);
        if (window.hasError()) {
            return window.error();
        }
        IntegerPool pool;
        pool.kind = maximum ? IntegerPool::Kind::Maximum : m_scheme.averageKind();
        pool.channels = static_cast<std::size_t>(from.shape[1]);
        pool.area = static_cast<std::size_t>(elementCount(spatial));
        pool.window = std::move(window).value();
        const bool countsPads =
            network::attributeOr(node, "count_include_pad", std::int64_t{0}) != 0;
        if (!maximum && !countsPads && hasPadding(pool.window)) {
            return notInIntegers(node, "windows at the border average fewer elements");
        }
        const std::size_t places = pool.window.places();
        Shape shape = {1, from.shape[1]};
        shape.insert(shape.end(), pool.window.output().begin(), pool.window.output().end());
        const auto taps = static_cast<double>(pool.window.taps());
        const bool sums = pool.kind == IntegerPool::Kind::Sum;
        const std::size_t area = pool.area;
        const std::size_t channels = pool.channels;
        IntegerEdge& edge = append(node, {std::move(pool), {from.index}});
        edge.shape = shape;
        edge.range = from.range;  // a sum's scale says what it is worth; its bits are counted there
        for (std::size_t c = 0; c < channels; ++c) {
            edge.scales.insert(edge.scales.end(), places,
                               from.scales[c * area] / (sums ? taps : 1));
        }
        return {};
    }

    static bool hasPadding(const SlidingWindow& window) {
        for (std::size_t place = 0; place < window.places(); ++place) {
            for (std::size_t tap = 0; tap < window.taps(); ++tap) {
                if (window.element(place, tap) == SlidingWindow::kPadding) {
                    return true;
                }
            }
        }
        return false;
    }

    Result<void> addSum(const Node& node) {
        const IntegerEdge* left = edgeOf(node, 0);
        const IntegerEdge* right = edgeOf(node, 1);
        if (left == nullptr || right == nullptr) {
            const std::string& constant = network::inputOr(node, left == nullptr ? 0 : 1);
            if (m_mergedBiases.count(constant) == 0) {
                return notInIntegers(node, "a constant is added that is no layer's bias");
            }
            const IntegerEdge from = left == nullptr ? *right : *left;
            IntegerEdge& edge = append(node, {IntegerCopy{}, {from.index}});
            edge.shape = from.shape;
            edge.scales = from.scales;
            edge.range = from.range;
            return {};
        }
        if (left->isReal() || right->isReal() || left->elements() != right->elements()) {
            return notInIntegers(node, "it does not add accumulators of one shape");
        }
        const IntegerEdge from = *left;
        const std::size_t other = right->index;
        IntegerAdd add;
        std::vector<double> scales;
        for (std::size_t i = 0; i < from.scales.size(); ++i) {
            scales.push_back(std::min(from.scales[i], right->scales[i]));
            add.left.push_back(Multiplier::gemmlowp(from.scales[i] / scales[i]));
            add.right.push_back(Multiplier::gemmlowp(right->scales[i] / scales[i]));
        }
        IntegerEdge& edge = append(node, {std::move(add), {from.index, other}});
        edge.shape = from.shape;
        edge.scales = std::move(scales);
        edge.range = {kSmallest, kLargest};
        return {};
    }

    [[nodiscard]] bool isEmptyPad(const Node& node) const {
        if (node.operatorType != "Pad") {
            return false;
        }
        Shape pads = network::attributeOr(node, "pads", Shape());
        const Array* stored = m_index.initializer(network::inputOr(node, 1));
        if (stored != nullptr && stored->type() == ElementType::Int64) {
            pads.assign(stored->as<std::int64_t>().begin(), stored->as<std::int64_t>().end());
        }
        return !pads.empty() &&
               std::all_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad == 0; });
    }

    [[nodiscard]] bool isFinalSoftmax(const Node& node) const {
        return (node.operatorType == "Softmax" || node.operatorType == "LogSoftmax") &&
               m_index.isOutput(node.outputs.front());
    }

    Result<IntegerNetwork> finish() {
        const std::string& name = m_network.graph->outputs.front().name;
        const auto output = m_edges.find(name);
        if (output == m_edges.end() || output->second.isReal() ||
            m_built.steps.back().output != output->second.index) {
            return Error{"the network's first output is not what its last node makes",
                         "output \"" + name + "\"", "choose another network"};
        }
        const std::vector<double>& scales = output->second.scales;
        m_built.outputScale = *std::min_element(scales.begin(), scales.end());
        const double largest = *std::max_element(scales.begin(), scales.end());
        for (std::size_t i = 0; largest > m_built.outputScale && i < scales.size(); ++i) {
            m_built.outputFactors.push_back(Multiplier::gemmlowp(scales[i] / m_built.outputScale));
        }
        return std::move(m_built);
    }

    const network::Network& m_network;
    network::GraphIndex m_index;
    IntegerScheme& m_scheme;
    std::map<std::size_t, std::size_t> m_layers;
    std::map<std::string, IntegerEdge> m_edges;
    std::set<std::string> m_mergedBiases;
    IntegerNetwork m_built;
};

}  // namespace

Result<IntegerNetwork> buildSteps(const network::Network& network, IntegerScheme& scheme) {
    return Walk(network, scheme).build();
}

Result<void> describeLayer(const network::Network& network, std::size_t index,
                           const IntegerEdge& input, IntegerLayer& layer) {
    const network::Layer& described = network.layers[index];
    const Node& node = network.graph->nodes[described.node];
    const ChannelRows rows = ChannelRows::of(described.weightShape, described.channelAxis);
    layer.name = described.name;
    layer.channels = rows.count;
    layer.length = rows.length;
    if (described.operatorType == "Conv") {
        const auto spatial = std::span(described.inputShape).subspan(2);
        Result<SlidingWindow> window =
            SlidingWindow::of(node, spatial, std::span(described.weightShape).subspan(2));
        if (window.hasError()) {
            return window.error();
        }
        layer.window = std::move(window).value();
        layer.area = static_cast<std::size_t>(elementCount(spatial));
        layer.groups = static_cast<std::size_t>(described.inputShape[1] / described.weightShape[1]);
        return {};
    }
    const bool transposed = network::attributeOr(node, "transA", std::int64_t{0}) != 0;
    const bool scaled = network::attributeOr(node, "alpha", 1.0F) != 1.0F ||
                        network::attributeOr(node, "beta", 1.0F) != 1.0F;
    if (described.weightShape.size() != 2 || transposed || scaled ||
        network::inputOr(node, 0) != described.input || input.elements() % rows.length != 0) {
        return notInIntegers(node, "it is not rows of inputs times one matrix of weights");
    }
    layer.rows = input.elements() / rows.length;
    return {};
}

std::vector<double> biasOf(const network::Network& network, std::size_t index,
                           std::size_t channels) {
    std::vector<double> bias(channels, 0.0);
    const auto stored = network.graph->initializers.find(network.layers[index].bias);
    if (stored != network.graph->initializers.end() &&
        stored->second.type() == ElementType::Float32) {
        const std::span<const float> values = stored->second.as<float>();
        for (std::size_t i = 0; i < std::min(channels, values.size()); ++i) {
            bias[i] = static_cast<double>(values[i]);
        }
    }
    return bias;
}

}  // namespace bitloupe::quantization
