// SPDX-License-Identifier: Apache-2.0
#include "core/exporters/onnx_writer.h"

#include <onnx/onnx_pb.h>

#include <set>
#include <span>
#include <stdexcept>

namespace bitloupe::exporters {

namespace {

using network::Graph;

onnx::TensorProto_DataType dataType(ElementType type) {
    switch (type) {
        case ElementType::Float32:
            return onnx::TensorProto_DataType_FLOAT;
        case ElementType::Float64:
            return onnx::TensorProto_DataType_DOUBLE;
        case ElementType::Int8:
            return onnx::TensorProto_DataType_INT8;
        case ElementType::Uint8:
            return onnx::TensorProto_DataType_UINT8;
        case ElementType::Int16:
            return onnx::TensorProto_DataType_INT16;
        case ElementType::Uint16:
            return onnx::TensorProto_DataType_UINT16;
        case ElementType::Int32:
            return onnx::TensorProto_DataType_INT32;
        case ElementType::Uint32:
            return onnx::TensorProto_DataType_UINT32;
        case ElementType::Int64:
            return onnx::TensorProto_DataType_INT64;
        case ElementType::Uint64:
            return onnx::TensorProto_DataType_UINT64;
        case ElementType::Bool:
            return onnx::TensorProto_DataType_BOOL;
    }
    throw std::logic_error("unknown element type");
}

void fillTensor(const Array& array, const std::string& name, onnx::TensorProto& tensor) {
    tensor.set_name(name);
    tensor.set_data_type(dataType(array.type()));
    for (const std::int64_t dimension : array.shape()) {
        tensor.add_dims(dimension);
    }
    const auto bytes = array.bytes();
    tensor.set_raw_data(bytes.data(), bytes.size());
}

/// Two 4-bit integers to a byte, the first in the lower half; the last byte may be half empty.
std::string packNibbles(std::span<const std::byte> codes) {
    std::string packed((codes.size() + 1) / 2, '\0');
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const unsigned nibble = std::to_integer<unsigned>(codes[i]) & 0xFU;
        const auto byte = static_cast<unsigned char>(packed[i / 2]);
        packed[i / 2] = static_cast<char>(byte | (nibble << (i % 2 == 0 ? 0U : 4U)));
    }
    return packed;
}

void fillPackedTensor(const Array& array, const std::string& name, PackedType type,
                      onnx::TensorProto& tensor) {
    fillTensor(array, name, tensor);
    tensor.set_data_type(static_cast<int>(type));
    if (type == PackedType::Int4 || type == PackedType::Uint4) {
        tensor.set_raw_data(packNibbles(array.bytes()));
    }
}

using StoredTypes = std::map<std::string, PackedType>;
void fillGraph(const Graph& graph, const StoredTypes& storedAs, onnx::GraphProto& proto);

void fillAttribute(const std::string& name, const network::Attribute& value,
                   onnx::AttributeProto& proto) {
    proto.set_name(name);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_INT);
        proto.set_i(*integer);
    } else if (const auto* real = std::get_if<float>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_FLOAT);
        proto.set_f(*real);
    } else if (const auto* string = std::get_if<std::string>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_STRING);
        proto.set_s(*string);
    } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_INTS);
        proto.mutable_ints()->Add(integers->begin(), integers->end());
    } else if (const auto* reals = std::get_if<std::vector<float>>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_FLOATS);
        proto.mutable_floats()->Add(reals->begin(), reals->end());
    } else if (const auto* strings = std::get_if<std::vector<std::string>>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_STRINGS);
        for (const std::string& text : *strings) {
            proto.add_strings(text);
        }
    } else if (const auto* array = std::get_if<Array>(&value)) {
        proto.set_type(onnx::AttributeProto_AttributeType_TENSOR);
        fillTensor(*array, "", *proto.mutable_t());
    } else {
        proto.set_type(onnx::AttributeProto_AttributeType_GRAPH);
        fillGraph(*std::get<std::shared_ptr<const Graph>>(value), {}, *proto.mutable_g());
    }
}

void fillValueInfo(const network::ValueInfo& info, onnx::ValueInfoProto& proto) {
    proto.set_name(info.name);
    auto* tensor = proto.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(dataType(info.type));
    auto* shape = tensor->mutable_shape();
    for (const network::Dimension& dimension : info.shape) {
        auto* added = shape->add_dim();
        if (dimension.value.has_value()) {
            added->set_dim_value(*dimension.value);
        } else if (!dimension.name.empty()) {
            added->set_dim_param(dimension.name);
        }
    }
}

void fillGraph(const Graph& graph, const StoredTypes& storedAs, onnx::GraphProto& proto) {
    proto.set_name(graph.name.empty() ? "network" : graph.name);
    for (const network::ValueInfo& info : graph.inputs) {
        fillValueInfo(info, *proto.add_input());
    }
    for (const network::ValueInfo& info : graph.outputs) {
        fillValueInfo(info, *proto.add_output());
    }
    for (const auto& [name, array] : graph.initializers) {
        const auto packed = storedAs.find(name);
        if (packed == storedAs.end()) {
            fillTensor(array, name, *proto.add_initializer());
        } else {
            fillPackedTensor(array, name, packed->second, *proto.add_initializer());
        }
    }
    for (const network::Node& node : graph.nodes) {
        onnx::NodeProto& added = *proto.add_node();
        if (!node.name.empty()) {
            added.set_name(node.name);
        }
        added.set_op_type(node.operatorType);
        if (!node.domain.empty()) {
            added.set_domain(node.domain);
        }
        for (const std::string& input : node.inputs) {
            added.add_input(input);
        }
        for (const std::string& output : node.outputs) {
            added.add_output(output);
        }
        for (const auto& [name, value] : node.attributes) {
            fillAttribute(name, value, *added.add_attribute());
        }
    }
}

/// The IR version that came with each opset, from the table in onnx/docs/Versioning.md.
std::int64_t irVersionFor(std::int64_t opset) {
    if (opset >= 23) {
        return 11;
    }
    if (opset >= 21) {
        return 10;
    }
    if (opset >= 19) {
        return 9;
    }
    return opset >= 15 ? 8 : 7;
}

}  // namespace

Result<std::string> serializeOnnx(const OnnxModel& content,
                                  const std::map<std::string, std::string>& metadata) {
    const Graph& graph = content.graph;
    onnx::ModelProto model;
    model.set_ir_version(irVersionFor(graph.opset));
    model.set_producer_name("Bitloupe");
    auto* opset = model.add_opset_import();
    opset->set_domain("");
    opset->set_version(graph.opset);
    std::set<std::string> domains;
    for (const network::Node& node : graph.nodes) {
        if (!node.domain.empty() && node.domain != "ai.onnx" &&
            domains.insert(node.domain).second) {
            auto* custom = model.add_opset_import();
            custom->set_domain(node.domain);
            custom->set_version(1);
        }
    }
    for (const auto& [key, value] : metadata) {
        auto* entry = model.add_metadata_props();
        entry->set_key(key);
        entry->set_value(value);
    }
    fillGraph(graph, content.storedAs, *model.mutable_graph());
    constexpr std::size_t kProtobufLimit = (std::size_t{1} << 31U) - 1;
    if (model.ByteSizeLong() > kProtobufLimit) {
        return Error{"the network is larger than the 2 GiB an ONNX file may have", graph.name,
                     "choose another export"};
    }
    return model.SerializeAsString();
}

}  // namespace bitloupe::exporters
