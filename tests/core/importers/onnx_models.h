// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnx/onnx_pb.h>

#include <span>
#include <string>
#include <vector>

#include "core/importers/onnx_importer.h"

namespace bitloupe::testing {

/// A model with operator set 13 and nothing in its graph.
inline onnx::ModelProto emptyModel() {
    onnx::ModelProto model;
    model.set_ir_version(8);
    model.add_opset_import()->set_version(13);
    model.mutable_graph()->set_name("test");
    return model;
}

inline void addFloatInput(onnx::GraphProto& graph, const std::string& name,
                          const std::vector<std::int64_t>& shape) {
    onnx::ValueInfoProto* input = graph.add_input();
    input->set_name(name);
    auto* type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dimension : shape) {
        type->mutable_shape()->add_dim()->set_dim_value(dimension);
    }
}

inline void addOutput(onnx::GraphProto& graph, const std::string& name) {
    graph.add_output()->set_name(name);
}

inline onnx::TensorProto& addFloats(onnx::GraphProto& graph, const std::string& name,
                                    const std::vector<std::int64_t>& shape,
                                    const std::vector<float>& values) {
    onnx::TensorProto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dimension : shape) {
        tensor.add_dims(dimension);
    }
    for (const float value : values) {
        tensor.add_float_data(value);
    }
    return tensor;
}

inline onnx::NodeProto& addNode(onnx::GraphProto& graph, const std::string& type,
                                const std::vector<std::string>& inputs,
                                const std::vector<std::string>& outputs,
                                const std::string& name = "") {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.set_name(name);
    for (const std::string& input : inputs) {
        node.add_input(input);
    }
    for (const std::string& output : outputs) {
        node.add_output(output);
    }
    return node;
}

/// x [1, 2] -> Gemm with a 2x2 weight -> y.
inline onnx::ModelProto smallModel() {
    onnx::ModelProto model = emptyModel();
    onnx::GraphProto& graph = *model.mutable_graph();
    addFloatInput(graph, "x", {1, 2});
    addFloats(graph, "fc.weight", {2, 2}, {1, 2, 3, 4});
    addNode(graph, "Gemm", {"x", "fc.weight"}, {"y"}, "fc");
    addOutput(graph, "y");
    return model;
}

inline Result<network::Graph> import(const onnx::ModelProto& model,
                                     const std::string& folder = "") {
    const std::string bytes = model.SerializeAsString();
    return importers::importOnnxBytes(std::as_bytes(std::span(bytes)), folder);
}

/// The sentence of the error, or "" when there is none.
template <typename T>
std::string sentence(const Result<T>& result) {
    return result.hasError() ? result.error().sentence() : std::string();
}

}  // namespace bitloupe::testing
