// SPDX-License-Identifier: Apache-2.0
#include "core/quantization/integer/graph_walk.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/quantization/channel_rows.h"
#include "core/quantization/integer/rearrange.h"

namespace bitloupe::quantization {

namespace {

using network::Node;

constexpr std::int64_t kEdgeLimit = std::int64_t{1} << kEdgeBits;

double magnitude(const IntegerRange& range) {
    return std::max(std::fabs(static_cast<double>(range.least)),
                    std::fabs(static_cast<double>(range.most)));
}

/// A value an element as one a channel or one for all, where it is that.
PerChannel<double> gathered(const std::vector<double>& values, const Shape& shape) {
    const std::size_t channels = shape.size() < 3 ? 0 : static_cast<std::size_t>(shape[1]);
    const std::size_t plane = channels == 0 ? 1 : values.size() / channels;
    if (std::all_of(values.begin(), values.end(),
                    [&](double value) { return value == values.front(); })) {
        return {{values.front()}, 1};
    }
    PerChannel<double> result{{}, plane};
    for (std::size_t i = 0; i < values.size(); i += plane) {
        result.values.push_back(values[i]);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (result.at(i) != values[i]) {
            return {values, 1};
        }
    }
    return result;
}

Error notInIntegers(const Node& node, const std::string& why) {
    return {why, "node \"" + node.name + "\" (" + node.operatorType + ")",
            "integer arithmetic runs convolutions, dense layers, ReLU, Clip, poolings, additions, "
            "slices, pads and reshapes"};
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
        m_built.input.assign(input.shape.begin() + (input.shape.empty() ? 0 : 1),
                             input.shape.end());
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
        if (keepsElements(node) || isFinalSoftmax(node)) {
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
        if (type == "Slice" || type == "Pad") {
            return addGather(node);
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
        const std::size_t repeat = layer.window ? layer.window->places() : 1;
        m_mergedBiases.insert(m_network.layers[index].bias);
        IntegerEdge& edge = append(node, {std::move(built.value().layer), {from.index}});
        edge.shape = m_network.layers[index].outputShape;
        edge.range = range;
        edge.scales = {scales, repeat};
        return {};
    }

    Result<void> addCopy(const Node& node) {
        const IntegerEdge from = *edgeOf(node, 0);
        if (from.isReal()) {
            return rename(node, from);
        }
        IntegerEdge& edge = append(node, {IntegerGather{}, {from.index}});
        edge.shape = {1, static_cast<std::int64_t>(from.elements())};
        if (isFinalSoftmax(node)) {
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
        const auto inUnits = [&](double limit) {
            PerChannel<std::int64_t> units = from.scales.mapped([limit](double scale) {
                return static_cast<std::int64_t>(std::llround(limit / scale));
            });
            const bool same = std::all_of(units.values.begin(), units.values.end(),
                                          [&](auto unit) { return unit == units.values.front(); });
            units.values.resize(same ? 1 : units.values.size());
            return units;
        };
        IntegerRange range = from.range;
        if (std::isfinite(low)) {
            clamp.low = inUnits(low);
            const auto& lows = clamp.low.values;
            range.least = std::max(range.least, *std::min_element(lows.begin(), lows.end()));
        }
        if (std::isfinite(high)) {
            clamp.high = inUnits(high);
            const auto& highs = clamp.high.values;
            range.most = std::min(range.most, *std::max_element(highs.begin(), highs.end()));
        }
        range.most = std::max(range.most, range.least);
        IntegerEdge& edge = append(node, {std::move(clamp), {from.index}});
        edge.shape = from.shape;
        edge.scales = from.scales;
        edge.range = range;
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
        Result<WindowSizes> window = WindowSizes::of(node, spatial, kernel);
        if (window.hasError()) {
            return window.error();
        }
        IntegerPool pool;
        pool.kind = maximum ? IntegerPool::Kind::Maximum : m_scheme.averageKind();
        pool.channels = static_cast<std::size_t>(from.shape[1]);
        pool.window = std::move(window).value();
        const bool countsPads =
            network::attributeOr(node, "count_include_pad", std::int64_t{0}) != 0;
        if (!maximum && !countsPads && pool.window.readsPadding()) {
            return notInIntegers(node, "windows at the border average fewer elements");
        }
        Shape shape = {1, from.shape[1]};
        shape.insert(shape.end(), pool.window.output.begin(), pool.window.output.end());
        const std::size_t places = pool.window.places();
        IntegerRange range = from.range;
        double divisor = 1;
        if (pool.kind == IntegerPool::Kind::Sum) {
            divisor = static_cast<double>(pool.window.taps());
            pool.shift = std::max(
                0,
                static_cast<int>(std::ceil(std::log2(std::max(1.0, magnitude(range) * divisor)))) -
                    kEdgeBits);
            const double unit = std::ldexp(divisor, -pool.shift);
            range = {std::llround(std::floor(static_cast<double>(range.least) * unit)),
                     std::llround(std::ceil(static_cast<double>(range.most) * unit))};
            divisor = unit;
        }
        const std::size_t area = pool.window.area();
        const std::size_t channels = pool.channels;
        IntegerEdge& edge = append(node, {std::move(pool), {from.index}});
        edge.shape = shape;
        edge.range = range;
        edge.scales.repeat = places;
        const std::size_t each = from.scales.values.size() == 1 ? 1 : channels;
        for (std::size_t c = 0; c < each; ++c) {
            edge.scales.values.push_back(from.scales.at(c * area) / divisor);
        }
        return {};
    }

    /// Slices and pads with zeros: other places for the same elements.
    Result<void> addGather(const Node& node) {
        const IntegerEdge from = *edgeOf(node, 0);
        if (from.isReal()) {
            return notInIntegers(node, "it works on the network's real input");
        }
        Result<Rearranged> moved = rearrange(node, from.shape, m_index);
        if (moved.hasError()) {
            return moved.error();
        }
        std::vector<double> scales;
        for (const std::int64_t element : moved.value().from) {
            const auto place =
                element == IntegerGather::kZero ? 0 : static_cast<std::size_t>(element);
            scales.push_back(from.scales.at(place));
        }
        IntegerEdge& edge =
            append(node, {IntegerGather{std::move(moved.value().from)}, {from.index}});
        edge.shape = std::move(moved.value().shape);
        edge.scales = gathered(scales, edge.shape);
        edge.range = from.range;
        edge.range.include(0);
        return {};
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
            IntegerEdge& edge = append(node, {IntegerGather{}, {from.index}});
            edge.shape = from.shape;
            edge.scales = from.scales;
            edge.range = from.range;
            return {};
        }
        if (left->isReal() || right->isReal() || left->elements() != right->elements()) {
            return notInIntegers(node, "it does not add accumulators of one shape");
        }
        const IntegerEdge first = *left;
        const IntegerEdge second = *right;
        // The finer of both units, unless the sum would leave 30 bits in it.
        std::vector<double> scales(first.elements());
        double most = 0;
        for (std::size_t i = 0; i < scales.size(); ++i) {
            const double a = first.scales.at(i);
            const double b = second.scales.at(i);
            const double sum = magnitude(first.range) * a + magnitude(second.range) * b;
            scales[i] = std::max(std::min(a, b), sum / static_cast<double>(kEdgeLimit));
            most = std::max(most, sum / scales[i]);
        }
        const auto factors = [&](const IntegerEdge& edge) {
            std::vector<double> ratios(scales.size());
            for (std::size_t i = 0; i < scales.size(); ++i) {
                ratios[i] = edge.scales.at(i) / scales[i];
            }
            return gathered(ratios, first.shape).mapped(Multiplier::gemmlowp);
        };
        IntegerAdd add{factors(first), factors(second)};
        IntegerEdge& edge = append(node, {std::move(add), {first.index, second.index}});
        edge.shape = first.shape;
        edge.scales = gathered(scales, first.shape);
        edge.range = {-std::llround(std::ceil(most)), std::llround(std::ceil(most))};
        return {};
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
        // In the coarsest unit of a channel, so that nothing saturates on the way.
        const PerChannel<double>& scales = output->second.scales;
        m_built.outputScale = *std::max_element(scales.values.begin(), scales.values.end());
        const double smallest = *std::min_element(scales.values.begin(), scales.values.end());
        if (smallest < m_built.outputScale) {
            m_built.outputFactors = scales.mapped(
                [&](double scale) { return Multiplier::gemmlowp(scale / m_built.outputScale); });
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
        Result<WindowSizes> window =
            WindowSizes::of(node, spatial, std::span(described.weightShape).subspan(2));
        if (window.hasError()) {
            return window.error();
        }
        layer.window = std::move(window).value();
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
