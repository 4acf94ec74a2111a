// SPDX-License-Identifier: Apache-2.0
#include "tests/support/graph_builder.h"

#include <random>

namespace bitloupe::testing {

GraphBuilder::GraphBuilder(std::int64_t opset) {
    m_graph.name = "built by hand";
    m_graph.opset = opset;
}

GraphBuilder& GraphBuilder::input(const std::string& name, const Shape& shape, ElementType type) {
    network::ValueInfo info;
    info.name = name;
    info.type = type;
    for (const std::int64_t size : shape) {
        network::Dimension dimension;
        if (size != 0) {
            dimension.value = size;
        }
        info.shape.push_back(dimension);
    }
    m_graph.inputs.push_back(info);
    return *this;
}

GraphBuilder& GraphBuilder::stored(const std::string& name, const Array& value) {
    m_graph.initializers[name] = value;
    return *this;
}

GraphBuilder& GraphBuilder::node(const std::string& type, std::vector<std::string> inputs,
                                 std::vector<std::string> outputs,
                                 std::map<std::string, network::Attribute> attributes) {
    network::Node node;
    node.name = type + "_" + std::to_string(m_graph.nodes.size());
    node.operatorType = type;
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    node.attributes = std::move(attributes);
    m_graph.nodes.push_back(std::move(node));
    return *this;
}

GraphBuilder& GraphBuilder::output(const std::string& name) {
    network::ValueInfo info;
    info.name = name;
    m_graph.outputs.push_back(info);
    return *this;
}

std::shared_ptr<const network::Graph> GraphBuilder::graph() const {
    return std::make_shared<const network::Graph>(m_graph);
}

std::vector<float> someValues(std::int64_t count, unsigned seed) {
    std::mt19937 engine(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) {
        value = static_cast<float>(engine()) / 2147483648.0F - 1.0F;
    }
    return values;
}

Array someArray(const Shape& shape, unsigned seed) {
    return Array::of<float>(shape, someValues(elementCount(shape), seed));
}

}  // namespace bitloupe::testing
