// SPDX-License-Identifier: Apache-2.0
#include "core/importers/onnx_graph.h"

#include <set>
#include <utility>

#include "core/importers/onnx_attributes.h"
#include "core/importers/onnx_tensor.h"
#include "core/network/graph_order.h"

namespace bitloupe::importers {

namespace {

using network::Graph;
using network::Node;

/// Real files keep the QONNX operators under four domains; here they have one.
std::string domainOf(const std::string& domain) {
    static const std::set<std::string> kQonnx = {"onnx.brevitas", "finn.custom_op.general", "qonnx",
                                                 "qonnx.custom_op.general"};
    if (domain == "ai.onnx") {
        return "";
    }
    return kQonnx.contains(domain) ? network::kQonnxDomain : domain;
}

std::string nodePlace(const onnx::NodeProto& node) {
    return "node " + (node.name().empty() ? "without a name" : node.name()) + " (" +
           node.op_type() + ")";
}

/// A body in order; what it takes from outside is checked where the outer graph is sorted.
Result<Graph> bodyOf(const onnx::GraphProto& proto, const OnnxContext& context) {
    Result<Graph> body = graphOf(proto, context);
    if (body.hasError()) {
        return body;
    }
    const std::set<std::string> captured = network::capturedEdges(body.value());
    return network::sortedGraph(std::move(body).value(), captured);
}

Result<Node> nodeOf(const onnx::NodeProto& proto, const OnnxContext& context) {
    Node node;
    node.name = proto.name();
    node.operatorType = proto.op_type();
    node.domain = domainOf(proto.domain());
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
        Result<network::Attribute> value =
            attributeOf(attribute, node.domain, context.folder,
                        [&](const onnx::GraphProto& body) { return bodyOf(body, context); });
        if (value.hasError()) {
            return value.error().within(nodePlace(proto));
        }
        if (!node.attributes.emplace(attribute.name(), std::move(value).value()).second) {
            return Error{"it has the attribute " + attribute.name() + " twice", nodePlace(proto),
                         "export the network again"};
        }
    }
    return node;
}

void noteType(const std::string& edge, int dataType, Graph& graph) {
    if (dataType != onnx::TensorProto::UNDEFINED && !hasElementType(dataType)) {
        graph.narrowTypes[edge] = dataType;
    }
}

/// The value of a Constant node, in whichever attribute it lies.
Result<Array> constantValue(const Node& node) {
    if (node.attributes.size() == 1) {
        const auto& [name, value] = *node.attributes.begin();
        if (const auto* array = std::get_if<Array>(&value)) {
            return *array;
        }
        if (const auto* number = std::get_if<float>(&value)) {
            return Array::of<float>({}, std::vector<float>{*number});
        }
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            return Array::of<std::int64_t>({}, std::vector<std::int64_t>{*number});
        }
        if (const auto* numbers = std::get_if<std::vector<float>>(&value)) {
            return Array::of<float>({static_cast<std::int64_t>(numbers->size())}, *numbers);
        }
        if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&value)) {
            return Array::of<std::int64_t>({static_cast<std::int64_t>(numbers->size())}, *numbers);
        }
    }
    return Error{"this Constant is not a tensor of numbers", "node " + node.name,
                 "export the network again"};
}

Result<void> addInitializers(const onnx::GraphProto& proto, const OnnxContext& context,
                             Graph& graph) {
    for (const onnx::TensorProto& tensor : proto.initializer()) {
        Result<Array> array = arrayOf(tensor, context.folder, context.owner);
        if (array.hasError()) {
            return array.error();
        }
        noteType(tensor.name(), tensor.data_type(), graph);
        if (!graph.initializers.emplace(tensor.name(), std::move(array).value()).second) {
            return Error{"it is stored twice", "tensor " + tensor.name(),
                         "export the network again"};
        }
    }
    if (proto.sparse_initializer_size() > 0) {
        return Error{"sparse tensors are not supported",
                     "tensor " + proto.sparse_initializer(0).values().name(),
                     "export the network with dense weights"};
    }
    return {};
}

Result<void> addNodes(const onnx::GraphProto& proto, const OnnxContext& context, Graph& graph) {
    for (const onnx::NodeProto& nodeProto : proto.node()) {
        Result<Node> node = nodeOf(nodeProto, context);
        if (node.hasError()) {
            return node.error();
        }
        const bool constant = node.value().operatorType == "Constant" &&
                              node.value().domain.empty() && node.value().outputs.size() == 1;
        if (!constant) {
            graph.nodes.push_back(std::move(node).value());
            continue;
        }
        Result<Array> value = constantValue(node.value());
        if (value.hasError()) {
            return value.error();
        }
        const std::string& edge = node.value().outputs.front();
        for (const onnx::AttributeProto& attribute : nodeProto.attribute()) {
            noteType(edge, attribute.t().data_type(), graph);
        }
        if (!graph.initializers.emplace(edge, std::move(value).value()).second) {
            return Error{"the edge " + edge + " is made twice", nodePlace(nodeProto),
                         "export the network again"};
        }
    }
    return {};
}

/// The first operator that reads the edge, for messages: what cannot be fed is refused by operator.
std::string readerOf(const onnx::GraphProto& proto, const std::string& edge) {
    for (const onnx::NodeProto& node : proto.node()) {
        for (const std::string& input : node.input()) {
            if (input == edge) {
                return " (read by the operator " + node.op_type() + ")";
            }
        }
    }
    return "";
}

Result<network::ValueInfo> valueOf(const onnx::ValueInfoProto& proto) {
    network::ValueInfo value;
    value.name = proto.name();
    const onnx::TypeProto& type = proto.type();
    if (type.value_case() == onnx::TypeProto::VALUE_NOT_SET) {
        return value;  // bodies of If and Loop often leave the types out
    }
    if (!type.has_tensor_type()) {
        return Error{"it is not a tensor: sequences, maps and optional values are not supported",
                     "", "export the network with tensors"};
    }
    const int dataType = type.tensor_type().elem_type();
    const std::optional<ElementType> element = elementTypeOf(dataType);
    if (!element && dataType != onnx::TensorProto::UNDEFINED) {
        return Error{"elements of type " + dataTypeName(dataType) + " are not supported", "",
                     "export the network with numbers"};
    }
    value.type = element.value_or(ElementType::Float32);
    for (const auto& dimension : type.tensor_type().shape().dim()) {
        network::Dimension known;
        known.name = dimension.dim_param();
        if (dimension.has_dim_value() && dimension.dim_value() >= 0) {
            known.value = dimension.dim_value();
        }
        value.shape.push_back(std::move(known));
    }
    return value;
}

void noteTypes(const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& values,
               Graph& graph) {
    for (const onnx::ValueInfoProto& value : values) {
        noteType(value.name(), value.type().tensor_type().elem_type(), graph);
    }
}

Result<void> addValues(const onnx::GraphProto& proto, Graph& graph) {
    noteTypes(proto.input(), graph);
    noteTypes(proto.value_info(), graph);
    noteTypes(proto.output(), graph);
    for (const onnx::ValueInfoProto& input : proto.input()) {
        if (graph.initializers.contains(input.name())) {
            continue;  // before IR version 4 every initializer was an input as well
        }
        Result<network::ValueInfo> value = valueOf(input);
        if (value.hasError()) {
            return value.error().within("input " + input.name() + readerOf(proto, input.name()));
        }
        graph.inputs.push_back(std::move(value).value());
    }
    for (const onnx::ValueInfoProto& output : proto.output()) {
        Result<network::ValueInfo> value = valueOf(output);
        if (value.hasError()) {
            const std::string maker =
                proto.node_size() > 0
                    ? " (operator " + proto.node(proto.node_size() - 1).op_type() + ")"
                    : "";
            return value.error().within("output " + output.name() + maker);
        }
        graph.outputs.push_back(std::move(value).value());
    }
    return {};
}

}  // namespace

Result<Graph> graphOf(const onnx::GraphProto& proto, const OnnxContext& context) {
    Graph graph;
    graph.name = proto.name();
    graph.opset = context.opset;
    if (Result<void> added = addInitializers(proto, context, graph); added.hasError()) {
        return added.error();
    }
    if (Result<void> added = addNodes(proto, context, graph); added.hasError()) {
        return added.error();
    }
    // A Constant may make an edge that old files list among the inputs too: inputs come last.
    if (Result<void> added = addValues(proto, graph); added.hasError()) {
        return added.error();
    }
    return graph;
}

}  // namespace bitloupe::importers
