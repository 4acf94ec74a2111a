// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "core/network/graph_hash.h"
#include "core/network/network.h"
#include "core/network/simplify.h"
#include "tests/core/importers/onnx_models.h"
#include "tests/fuzz/fuzz.h"

using namespace bitloupe;
using namespace bitloupe::testing;

namespace {

/// A convolution, a normalization, a body, a constant: something of everything.
onnx::ModelProto richModel() {
    onnx::ModelProto model = emptyModel();
    onnx::GraphProto& graph = *model.mutable_graph();
    addFloatInput(graph, "x", {1, 2, 4, 4});
    addFloats(graph, "conv.weight", {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6});
    for (const char* name : {"scale", "shift", "mean", "variance"}) {
        addFloats(graph, name, {3}, {1, 2, 3});
    }
    onnx::AttributeProto& strides =
        *addNode(graph, "Conv", {"x", "conv.weight"}, {"c"}).add_attribute();
    strides.set_name("strides");
    strides.set_type(onnx::AttributeProto::INTS);
    strides.add_ints(1);
    strides.add_ints(1);
    addNode(graph, "BatchNormalization", {"c", "scale", "shift", "mean", "variance"}, {"n"});
    onnx::AttributeProto& number = *addNode(graph, "Constant", {}, {"k"}).add_attribute();
    number.set_name("value");
    number.set_type(onnx::AttributeProto::TENSOR);
    number.mutable_t()->set_data_type(onnx::TensorProto::FLOAT16);
    number.mutable_t()->add_dims(1);
    number.mutable_t()->set_raw_data(std::string("\0\x3c", 2));
    addNode(graph, "MatMul", {"n", "k"}, {"m"});
    onnx::NodeProto& choice = addNode(graph, "If", {"k"}, {"y"});
    for (const char* branch : {"then_branch", "else_branch"}) {
        onnx::AttributeProto& attribute = *choice.add_attribute();
        attribute.set_name(branch);
        attribute.set_type(onnx::AttributeProto::GRAPH);
        addNode(*attribute.mutable_g(), "Relu", {"m"}, {branch});
        addOutput(*attribute.mutable_g(), branch);
    }
    onnx::FunctionProto& function = *model.add_functions();
    function.set_domain("mine");
    function.set_name("Turn");
    function.add_input("a");
    function.add_output("b");
    onnx::NodeProto& turn = *function.add_node();
    turn.set_op_type("Neg");
    turn.add_input("a");
    turn.add_output("b");
    addNode(graph, "Turn", {"y"}, {"z"}).set_domain("mine");
    addOutput(graph, "z");
    return model;
}

std::string readAndUse(const std::string& bytes) {
    Result<network::Graph> graph = importers::importOnnxBytes(std::as_bytes(std::span(bytes)), "");
    if (graph.hasError()) {
        return graph.error().sentence();
    }
    const auto shared =
        std::make_shared<const network::Graph>(network::simplified(std::move(graph).value()));
    const network::Network network{"", "", network::graphHash(*shared), shared,
                                   network::findLayers(*shared, {})};
    return network.parameters() >= 0 && network.macs() == network.macs() ? "" : "not counted";
}

}  // namespace

int main(int argc, char** argv) {
    return fuzz::run("onnx", argc, argv,
                     {smallModel().SerializeAsString(), richModel().SerializeAsString()}, 20000,
                     readAndUse);
}
