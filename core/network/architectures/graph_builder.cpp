// SPDX-License-Identifier: Apache-2.0
#include "core/network/architectures/graph_builder.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/base/text.h"

namespace bitloupe::network {

GraphBuilder::GraphBuilder(std::string name, const NamedTensors* tensors) : m_tensors(tensors) {
    m_graph.name = std::move(name);
    m_graph.opset = 17;
    for (std::size_t i = 0; m_tensors != nullptr && i < m_tensors->size(); ++i) {
        m_positions[(*m_tensors)[i].first] = i;
    }
}

std::string GraphBuilder::input(const std::string& name, const Shape& sampleShape,
                                ElementType type) {
    ValueInfo value;
    value.name = name;
    value.type = type;
    value.shape.push_back({std::nullopt, "batch"});
    for (const std::int64_t dimension : sampleShape) {
        value.shape.push_back({dimension, ""});
    }
    m_graph.inputs.push_back(std::move(value));
    return name;
}

std::string GraphBuilder::add(const std::string& type, const std::string& name,
                              std::vector<std::string> inputs,
                              std::map<std::string, Attribute> attributes) {
    return addMany(type, name, std::move(inputs), 1, std::move(attributes)).front();
}

std::vector<std::string> GraphBuilder::addMany(const std::string& type, const std::string& name,
                                               std::vector<std::string> inputs, std::size_t outputs,
                                               std::map<std::string, Attribute> attributes) {
    Node node;
    node.name = name;
    node.operatorType = type;
    node.inputs = std::move(inputs);
    node.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i) {
        node.outputs.push_back(name + "_output" + (i == 0 ? "" : std::to_string(i)));
    }
    m_graph.nodes.push_back(node);
    return node.outputs;
}

const Array* GraphBuilder::find(const std::string& name) const {
    const auto found = m_positions.find(name);
    return found == m_positions.end() ? nullptr : &(*m_tensors)[found->second].second;
}

bool GraphBuilder::has(const std::string& tensor) const {
    return m_tensors == nullptr || find(tensor) != nullptr;
}

std::int64_t GraphBuilder::lengthOf(const std::string& tensor, std::size_t axis,
                                    std::int64_t otherwise) const {
    const Array* array = find(tensor);
    return array != nullptr && axis < array->shape().size() ? array->shape()[axis] : otherwise;
}

void GraphBuilder::fail(Error error) {
    if (!m_error) {
        m_error = std::move(error);
    }
}

bool GraphBuilder::equal(const std::string& first, const std::string& second) const {
    const Array* a = find(first);
    const Array* b = find(second);
    return a != nullptr && b != nullptr && a->type() == b->type() && a->shape() == b->shape() &&
           std::ranges::equal(a->bytes(), b->bytes());
}

/// Room for an untrained weight; nothing, and an error, when the network grows out of memory.
std::vector<float> GraphBuilder::undrawn(const std::string& name, const Shape& shape, float value) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 30U;
    m_drawn += elementCount(shape);
    if (m_drawn > kMostElements) {
        fail({"an untrained network of that size has more than 2^30 weights", "tensor " + name,
              "choose smaller sizes or name a weights file"});
        return {};
    }
    return std::vector<float>(static_cast<std::size_t>(elementCount(shape)), value);
}

/// From [0, 1). Not a distribution of the standard library: their values differ between libraries.
double GraphBuilder::uniform() {
    return static_cast<double>(m_random()) / 4294967296.0;
}

std::string GraphBuilder::weight(const std::string& name, const Shape& shape, std::int64_t fanIn,
                                 float constant) {
    if (m_tensors != nullptr) {
        return store(name, shape);
    }
    if (m_graph.initializers.contains(name)) {
        return name;  // another layer uses it too
    }
    std::vector<float> values = undrawn(name, shape, constant);
    if (fanIn > 0) {
        const float bound = 1.0F / std::sqrt(static_cast<float>(fanIn));
        for (float& value : values) {
            value = bound * static_cast<float>(2 * uniform() - 1);
        }
    }
    if (!values.empty()) {
        m_graph.initializers.insert_or_assign(name, Array::of<float>(shape, values));
    }
    return name;
}

/// Two at a time by the method of Box and Muller (1958).
std::string GraphBuilder::normalWeight(const std::string& name, const Shape& shape,
                                       float deviation) {
    if (m_tensors != nullptr) {
        return store(name, shape);
    }
    if (m_graph.initializers.contains(name)) {
        return name;
    }
    std::vector<float> values = undrawn(name, shape, 0);
    for (std::size_t i = 0; i < values.size(); i += 2) {
        const auto radius = static_cast<float>(std::sqrt(-2 * std::log(1 - uniform())));
        const auto angle = static_cast<float>(2 * std::numbers::pi * uniform());
        values[i] = deviation * radius * std::cos(angle);
        if (i + 1 < values.size()) {
            values[i + 1] = deviation * radius * std::sin(angle);
        }
    }
    if (!values.empty()) {
        m_graph.initializers.insert_or_assign(name, Array::of<float>(shape, values));
    }
    return name;
}

/// The state dict's tensor, once it has been checked.
std::string GraphBuilder::store(const std::string& name, const Shape& shape) {
    const Array* array = find(name);
    m_used.insert(name);
    if (array == nullptr) {
        std::vector<std::string> names;
        for (const auto& [known, other] : *m_tensors) {
            if (other.shape() == shape) {
                names.push_back(known);
            }
        }
        const std::string near = text::nearest(name, names);
        fail({"the weights lack a tensor of shape " + shapeText(shape) + " that " + m_graph.name +
                  " needs",
              "tensor " + name,
              near.empty()
                  ? "choose the architecture that the weights belong to"
                  : "the file has " + near + ": rename it or choose another architecture"});
    } else if (array->shape() != shape) {
        fail({"it has shape " + shapeText(array->shape()) + " where " + m_graph.name + " needs " +
                  shapeText(shape),
              "tensor " + name, "choose the architecture that the weights belong to"});
    } else if (array->type() != ElementType::Float32 && array->type() != ElementType::Float64) {
        fail({"it holds " + std::string(elementTypeName(array->type())) + " where " + m_graph.name +
                  " needs floating-point weights",
              "tensor " + name, "save the weights of the float network"});
    } else {
        m_graph.initializers.insert_or_assign(name, asFloat32(*array));
    }
    return name;
}

std::string GraphBuilder::constant(const std::string& name, Array value) {
    m_graph.initializers.insert_or_assign(name, std::move(value));
    return name;
}

std::string GraphBuilder::integers(const std::string& name,
                                   const std::vector<std::int64_t>& values) {
    return constant(name,
                    Array::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
}

std::string GraphBuilder::scalar(const std::string& name, float value) {
    return constant(name, Array::of<float>({}, std::vector<float>{value}));
}

std::string GraphBuilder::convolution(const std::string& name, const std::string& input,
                                      const Convolution& shape) {
    using Integers = std::vector<std::int64_t>;
    const Integers kernel(shape.dimensions, shape.kernel);
    Shape weightShape = {shape.outputs, shape.inputs};
    weightShape.insert(weightShape.end(), kernel.begin(), kernel.end());
    const std::int64_t fanIn = shape.inputs * elementCount(kernel);
    std::vector<std::string> inputs = {input, weight(name + ".weight", weightShape, fanIn)};
    if (shape.bias) {
        inputs.push_back(weight(name + ".bias", {shape.outputs}, fanIn));
    }
    return add("Conv", name, std::move(inputs),
               {{"kernel_shape", kernel},
                {"strides", Integers(shape.dimensions, shape.stride)},
                {"pads", Integers(2 * shape.dimensions, shape.padding)}});
}

std::string GraphBuilder::batchNormalization(const std::string& name, const std::string& input,
                                             std::int64_t channels) {
    const Shape shape = {channels};
    m_used.insert(name + ".num_batches_tracked");
    return add(
        "BatchNormalization", name,
        {input, weight(name + ".weight", shape, 0, 1), weight(name + ".bias", shape, 0),
         weight(name + ".running_mean", shape, 0), weight(name + ".running_var", shape, 0, 1)},
        {{"epsilon", 1e-5F}});
}

std::string GraphBuilder::layerNormalization(const std::string& name, const std::string& input,
                                             std::int64_t channels, bool bias, float epsilon) {
    std::vector<std::string> inputs = {input, weight(name + ".weight", {channels}, 0, 1)};
    if (bias) {
        inputs.push_back(weight(name + ".bias", {channels}, 0));
    }
    return add("LayerNormalization", name, std::move(inputs),
               {{"axis", std::int64_t{-1}}, {"epsilon", epsilon}});
}

std::string GraphBuilder::linear(const std::string& name, const std::string& input,
                                 std::int64_t inputs, std::int64_t outputs, bool bias, int rank) {
    const std::string matrix = weight(name + ".weight", {outputs, inputs}, inputs);
    const std::string offset = bias ? weight(name + ".bias", {outputs}, inputs) : "";
    if (rank == 2) {
        std::vector<std::string> operands = {input, matrix};
        if (bias) {
            operands.push_back(offset);
        }
        return add("Gemm", name, std::move(operands), {{"transB", std::int64_t{1}}});
    }
    return project(name, input, matrix, offset);
}

std::string GraphBuilder::project(const std::string& name, const std::string& input,
                                  const std::string& matrix, const std::string& offset) {
    const std::string product =
        add("MatMul", name, {input, transpose(name + "/turned", matrix, {1, 0})});
    return offset.empty() ? product : add("Add", name + "/add_bias", {product, offset});
}

std::string GraphBuilder::rows(const std::string& name, const std::string& whole,
                               std::int64_t first, std::int64_t count) {
    const auto found = m_graph.initializers.find(whole);
    if (found == m_graph.initializers.end()) {
        return name;  // missing: fail() knows already
    }
    const Array& array = found->second;
    Shape shape = array.shape();
    const std::int64_t inner = array.size() / shape.front();
    const std::span<const float> values = array.as<float>().subspan(
        static_cast<std::size_t>(first * inner), static_cast<std::size_t>(count * inner));
    shape.front() = count;
    return constant(name, Array::of<float>(shape, values));
}

std::string GraphBuilder::gelu(const std::string& name, const std::string& input) {
    const std::string scaled = withNumber("Mul", name + "/scaled", input, 0.70710678F);
    const std::string error = add("Erf", name + "/erf", {scaled});
    const std::string shifted = withNumber("Add", name + "/shifted", error, 1);
    const std::string product = add("Mul", name + "/product", {input, shifted});
    return withNumber("Mul", name, product, 0.5F);
}

/// 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
std::string GraphBuilder::geluByTanh(const std::string& name, const std::string& input) {
    const std::string square = add("Mul", name + "/square", {input, input});
    const std::string slope = withNumber("Add", name + "/slope",
                                         withNumber("Mul", name + "/cubic", square, 0.044715F), 1);
    const std::string argument = withNumber(
        "Mul", name + "/argument", add("Mul", name + "/times_x", {input, slope}), 0.79788456F);
    const std::string shifted =
        withNumber("Add", name + "/shifted", add("Tanh", name + "/tanh", {argument}), 1);
    return withNumber("Mul", name, add("Mul", name + "/product", {input, shifted}), 0.5F);
}

std::string GraphBuilder::reshape(const std::string& name, const std::string& input,
                                  const std::vector<std::int64_t>& shape) {
    return add("Reshape", name, {input, integers(name + "/shape", shape)});
}

std::string GraphBuilder::transpose(const std::string& name, const std::string& input,
                                    const std::vector<std::int64_t>& permutation) {
    return add("Transpose", name, {input}, {{"perm", permutation}});
}

std::string GraphBuilder::withNumber(const std::string& type, const std::string& name,
                                     const std::string& input, float number) {
    return add(type, name, {input, scalar(name + "/number", number)});
}

void GraphBuilder::checkAllUsed() {
    if (m_tensors == nullptr) {
        return;
    }
    for (const auto& [name, array] : *m_tensors) {
        if (!m_used.contains(name)) {
            fail({"the weights have a tensor of shape " + shapeText(array.shape()) + " that " +
                      m_graph.name + " does not have",
                  "tensor " + name, "choose the architecture that the weights belong to"});
        }
    }
}

Result<Graph> GraphBuilder::finish(const std::string& output, const std::string& name,
                                   const Shape& sampleShape) {
    checkAllUsed();
    if (m_error) {
        return *m_error;
    }
    ValueInfo value;
    value.name = name;
    value.shape.push_back({std::nullopt, "batch"});
    for (const std::int64_t dimension : sampleShape) {
        value.shape.push_back({dimension, ""});
    }
    for (Node& node : m_graph.nodes) {
        for (std::string& edge : node.outputs) {
            edge = edge == output ? name : edge;
        }
        for (std::string& edge : node.inputs) {
            edge = edge == output ? name : edge;
        }
    }
    m_graph.outputs.push_back(std::move(value));
    return m_graph;
}

std::string shapeText(const Shape& shape) {
    std::vector<std::string> parts;
    for (const std::int64_t dimension : shape) {
        parts.push_back(std::to_string(dimension));
    }
    return parts.empty() ? "scalar" : text::join(parts, "x");
}

Array asFloat32(const Array& array) {
    if (array.type() != ElementType::Float64) {
        return array;
    }
    const std::span<const double> wide = array.as<double>();
    std::vector<float> values(wide.size());
    for (std::size_t i = 0; i < wide.size(); ++i) {
        values[i] = static_cast<float>(wide[i]);
    }
    return Array::of<float>(array.shape(), values);
}

}  // namespace bitloupe::network
