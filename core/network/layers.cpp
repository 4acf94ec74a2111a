// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "core/network/layer_names.h"
#include "core/network/network.h"
#include "core/network/weight_source.h"

namespace bitloupe::network {

namespace {

/// What a layer is made from: a node, and everything known around it.
struct Site {
    const GraphIndex& index;
    const EdgeShapes& shapes;
    const Node& node;

    [[nodiscard]] Shape shape(const std::string& edge) const {
        return shapeOf(index, shapes, edge);
    }
    [[nodiscard]] Shape inputShape(std::size_t i) const { return shape(inputOr(node, i)); }
    [[nodiscard]] Shape outputShape() const {
        return node.outputs.empty() ? Shape() : shape(node.outputs.front());
    }
};

bool isFloating(ElementType type) {
    return type == ElementType::Float32 || type == ElementType::Float64;
}

std::int64_t dimension(const Shape& shape, std::size_t i) {
    return i < shape.size() ? shape[i] : 1;
}

/// Fills in the weight when `operand` is stored, floating and not a scalar.
bool setWeight(const Site& site, std::size_t operand, int axis, Layer& layer) {
    const auto source = findWeight(site.index, site.shapes, inputOr(site.node, operand), axis);
    if (!source) {
        return false;
    }
    const Array& array = *site.index.initializer(source->initializer);
    if (!isFloating(array.type()) || array.shape().size() < 2) {
        return false;
    }
    layer.weight = source->initializer;
    layer.weightShape = array.shape();
    layer.channelAxis = source->axis;
    return true;
}

/// Neither stored nor made from what is stored.
bool isComputed(const Site& site, std::size_t operand) {
    const std::string edge = inputOr(site.node, operand);
    return !findWeight(site.index, site.shapes, edge, 0).has_value();
}

void setBias(const Site& site, std::size_t operand, Layer& layer) {
    const std::string edge = inputOr(site.node, operand);
    if (const Array* array = site.index.initializer(edge); array != nullptr) {
        layer.bias = edge;
    }
}

/// Weight [filters, channels / groups, kernel ...]; input [samples, channels, place ...].
void describeConvolution(const Site& site, Layer& layer) {
    setWeight(site, 1, 0, layer);
    setBias(site, 2, layer);
    const Shape weight = site.inputShape(1);
    const Shape output = site.outputShape();
    const std::int64_t groups =
        std::max<std::int64_t>(1, attributeOr(site.node, "group", std::int64_t{1}));
    if (weight.size() < 2 || output.size() < 2) {
        return;
    }
    layer.gemm.m = elementCount(std::span(output).subspan(2));
    layer.gemm.k = elementCount(std::span(weight).subspan(1));
    layer.gemm.n = weight[0] / groups;
    layer.gemm.count = groups * output[0];
}

/// Weight [channels, filters / groups, kernel ...]: every input place is multiplied by every kernel
/// element, and the products are added where they overlap.
void describeTransposedConvolution(const Site& site, Layer& layer) {
    setWeight(site, 1, 1, layer);
    setBias(site, 2, layer);
    const Shape weight = site.inputShape(1);
    const Shape input = site.inputShape(0);
    const std::int64_t groups =
        std::max<std::int64_t>(1, attributeOr(site.node, "group", std::int64_t{1}));
    if (weight.size() < 2 || input.size() < 2) {
        return;
    }
    layer.gemm.m = elementCount(std::span(input).subspan(2));
    layer.gemm.k = weight[0] / groups;
    layer.gemm.n = elementCount(std::span(weight).subspan(1));
    layer.gemm.count = groups * input[0];
}

/// Y = A' * B' + C with A' or B' transposed as the attributes say.
void describeGemm(const Site& site, Layer& layer) {
    const bool transposedA = attributeOr(site.node, "transA", std::int64_t{0}) != 0;
    const bool transposedB = attributeOr(site.node, "transB", std::int64_t{0}) != 0;
    if (!setWeight(site, 1, transposedB ? 0 : 1, layer) &&
        setWeight(site, 0, transposedA ? 1 : 0, layer)) {
        layer.input = inputOr(site.node, 1);
    }
    setBias(site, 2, layer);
    const Shape a = site.inputShape(0);
    const Shape b = site.inputShape(1);
    layer.gemm.m = dimension(a, transposedA ? 1 : 0);
    layer.gemm.k = dimension(a, transposedA ? 0 : 1);
    layer.gemm.n = dimension(b, transposedB ? 0 : 1);
}

/// The Add of a stored vector that is the only reader of a MatMul's result is its bias.
void findAddedBias(const Site& site, std::int64_t channels, Layer& layer) {
    const std::string& result = site.node.outputs.front();
    const auto& readers = site.index.readers(result);
    if (readers.size() != 1 || site.index.isOutput(result)) {
        return;
    }
    const Node& add = site.index.graph().nodes[readers.front()];
    if (add.operatorType != "Add") {
        return;
    }
    const std::string other = inputOr(add, inputOr(add, 0) == result ? 1 : 0);
    const Array* array = site.index.initializer(other);
    if (array != nullptr && isFloating(array->type()) && array->size() == channels &&
        !array->shape().empty() && array->shape().back() == channels) {
        layer.bias = other;
    }
}

/// numpy.matmul: leading dimensions are a batch, and are merged into m when the right side is one
/// matrix.
void describeMatMul(const Site& site, Layer& layer) {
    Shape a = site.inputShape(0);
    Shape b = site.inputShape(1);
    if (a.empty() || b.empty()) {
        return;
    }
    if (a.size() == 1) {
        a.insert(a.begin(), 1);
    }
    if (b.size() == 1) {
        b.push_back(1);
    }
    layer.gemm.k = a.back();
    layer.gemm.n = b.back();
    if (b.size() == 2) {
        layer.gemm.m = elementCount(std::span(a).first(a.size() - 1));
    } else {
        const Shape output = site.outputShape();
        layer.gemm.m = a[a.size() - 2];
        const std::int64_t each = layer.gemm.m * layer.gemm.n;
        layer.gemm.count = each == 0 ? 1 : elementCount(output) / each;
    }
    if (setWeight(site, 1, static_cast<int>(b.size()) - 1, layer)) {
        findAddedBias(site, b.back(), layer);
    } else if (setWeight(site, 0, static_cast<int>(a.size()) - 2, layer)) {
        layer.input = inputOr(site.node, 1);
    } else if (isComputed(site, 0) && isComputed(site, 1)) {
        layer.secondInput = inputOr(site.node, 1);
    }
}

/// Rows of a stored table [words, width]; nothing is multiplied.
void describeEmbedding(const Site& site, Layer& layer) {
    setWeight(site, 0, 0, layer);
    layer.input.clear();
    layer.inputShape = site.inputShape(1);
}

/// What multiplies the input: W [directions, gates * hidden, inputs], for all steps at once.
void describeCellInput(const Site& site, Layer& layer) {
    setWeight(site, 1, 1, layer);
    setBias(site, 3, layer);
    const Shape input = site.inputShape(0);
    const Shape weight = site.inputShape(1);
    if (input.size() == 3 && weight.size() == 3) {
        layer.gemm = {input[0] * input[1], weight[2], weight[1], weight[0]};
    }
}

/// What multiplies the state: R [directions, gates * hidden, hidden], one step after another.
void describeCellState(const Site& site, Layer& layer) {
    setWeight(site, 2, 1, layer);
    const Shape input = site.inputShape(0);
    const Shape weight = site.inputShape(2);
    if (input.size() == 3 && weight.size() == 3) {
        const std::size_t batchAxis =
            attributeOr(site.node, "layout", std::int64_t{0}) != 0 ? 0 : 1;
        layer.gemm = {input[batchAxis], weight[2], weight[1], weight[0] * input[1 - batchAxis]};
    }
    layer.name += ".state";
    layer.input.clear();
}

using Describe = void (*)(const Site&, Layer&);

/// How each operator's layers are described, in the order in which they work.
const std::map<std::string, std::vector<Describe>>& describers() {
    static const std::map<std::string, std::vector<Describe>> kDescribers = {
        {"Conv", {describeConvolution}},
        {"ConvTranspose", {describeTransposedConvolution}},
        {"Gemm", {describeGemm}},
        {"MatMul", {describeMatMul}},
        {"Gather", {describeEmbedding}},
        {"RNN", {describeCellInput, describeCellState}},
        {"GRU", {describeCellInput, describeCellState}},
        {"LSTM", {describeCellInput, describeCellState}},
    };
    return kDescribers;
}

/// Gather moves data of all kinds; a table of weights is a stored matrix whose rows are looked up.
bool isLayer(const Site& site) {
    if (site.node.operatorType != "Gather") {
        return true;
    }
    const auto table = findWeight(site.index, site.shapes, inputOr(site.node, 0), 0);
    const Array* stored = table ? site.index.initializer(table->initializer) : nullptr;
    return stored != nullptr && isFloating(stored->type()) && stored->shape().size() == 2 &&
           attributeOr(site.node, "axis", std::int64_t{0}) == 0;
}

std::int64_t storedElements(const GraphIndex& index, const std::string& name) {
    const Array* array = index.initializer(name);
    return array == nullptr ? 0 : array->size();
}

/// Names the layers and counts what they store. Where several layers share a weight, their nodes
/// name them if the nodes have names of their own; it is counted with the first.
void finishLayers(const GraphIndex& index, std::vector<Layer>& layers) {
    std::map<std::string, int> uses;
    for (const Layer& layer : layers) {
        ++uses[layer.weight];
    }
    std::set<std::string> counted;
    for (Layer& layer : layers) {
        const Node& node = index.graph().nodes[layer.node];
        const bool shared = uses[layer.weight] > 1 && !node.name.starts_with(node.operatorType);
        layer.name = shared ? nodeLayerName(node) + layer.name
                            : readableLayerName(node, layer.weight) + layer.name;
        for (const std::string& stored : {layer.weight, layer.bias}) {
            layer.parameters += counted.insert(stored).second ? storedElements(index, stored) : 0;
        }
    }
    makeNamesUnique(layers);
}

}  // namespace

std::vector<Layer> findLayers(const Graph& graph, const EdgeShapes& shapes) {
    const GraphIndex index(graph);
    std::vector<Layer> layers;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        const auto known = describers().find(node.operatorType);
        const Site site{index, shapes, node};
        if (!node.domain.empty() || known == describers().end() || node.outputs.empty() ||
            !isLayer(site)) {
            continue;
        }
        for (const Describe describe : known->second) {
            Layer layer;
            layer.operatorType = node.operatorType;
            layer.node = i;
            layer.input = inputOr(node, 0);
            layer.remark = node.remark;
            layer.inputShape = site.inputShape(0);
            describe(site, layer);
            if (!layer.input.empty()) {
                layer.inputShape = site.shape(layer.input);
            }
            layer.outputShape = site.outputShape();
            layers.push_back(std::move(layer));
        }
    }
    finishLayers(index, layers);
    return layers;
}

}  // namespace bitloupe::network
