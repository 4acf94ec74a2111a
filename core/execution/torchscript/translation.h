// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/execution/torchscript/script_value.h"
#include "core/network/graph.h"

namespace bitloupe::execution::torchscript {

using Attributes = std::map<std::string, network::Attribute>;

/// Follows a script on two samples and writes down what it does to tensors as a graph of ONNX
/// operators. Branches and loops that the samples decide alike are followed, others become If and
/// Loop.
class Translation {
public:
    explicit Translation(std::string name);

    void bind(const torch::jit::Value* value, ValueRef meaning);
    [[nodiscard]] ValueRef meaning(const torch::jit::Value* value) const;

    /// Follows every node of `block`.
    void follow(const torch::jit::Block* block);

    // What the translators of single operators write with.

    /// Adds a node named after the script's module and returns its outputs.
    std::vector<std::string> emitMany(const std::string& type, std::vector<std::string> inputs,
                                      std::size_t outputs, Attributes attributes = {});
    std::string emit(const std::string& type, std::vector<std::string> inputs,
                     Attributes attributes = {});
    /// An initializer under `name`, or near it when another has that name.
    std::string store(const std::string& name, const at::Tensor& tensor);
    std::string integers(const std::vector<std::int64_t>& values);
    std::string integer(std::int64_t value);

    /// The edge that carries a tensor or number; what is fixed is stored on first use.
    std::string edgeOf(const ValueRef& value);
    /// The same, converted to `type` where it has another. A fixed number is stored with that type.
    std::string edgeAs(const ValueRef& value, at::ScalarType type);
    /// An edge of int64 numbers [n], for shapes and the like.
    std::string shapeOf(const std::vector<ValueRef>& lengths);
    std::string cast(const std::string& edge, at::ScalarType type);

    /// Declares `value` to be an input of the network.
    void declareInput(const std::string& name, const ValueRef& value,
                      const std::vector<network::Dimension>& shape);
    void declareOutput(const std::string& name, const ValueRef& value);
    /// The outputs of a body of If or Loop, copied so that each has a name of its own.
    void declareBodyOutputs(const std::vector<ValueRef>& values);

    /// Runs `work` with an empty graph to write to, and returns that graph.
    template <typename Work>
    network::Graph inBody(Work work) {
        network::Graph outer = std::move(m_graph);
        m_graph = network::Graph();
        m_graph.opset = outer.opset;
        m_graph.name = freshName("body");
        ++m_bodies;
        work();
        --m_bodies;
        network::Graph body = std::move(m_graph);
        m_graph = std::move(outer);
        return body;
    }
    std::string freshName(const std::string& wish);

    /// The finished graph. What is stored is stored in it, bodies capture it.
    [[nodiscard]] network::Graph takeGraph();

    /// Where in the script the translation is, for people: "model.py, line 12".
    [[nodiscard]] const std::string& place() const { return m_place; }

private:
    void followIf(const torch::jit::Node* node);
    void followLoop(const torch::jit::Node* node);
    void followCountedLoop(const torch::jit::Node* node);
    [[nodiscard]] std::vector<ValueRef> carriedInto(const torch::jit::Node* node) const;
    /// One turn: `carried` before and after. Returns whether the loop goes on.
    ValueRef followTurn(const torch::jit::Block* body, std::vector<ValueRef>& carried);
    void takeSamplesThrough(const torch::jit::Node* node, std::vector<ValueRef>& carried,
                            const std::vector<ValueRef>& lists);
    void visit(const torch::jit::Node* node);
    void getAttribute(const torch::jit::Node* node);
    void setAttribute(const torch::jit::Node* node);
    void sliceList(const torch::jit::Node* node);
    void operate(const torch::jit::Node* node);
    void enter(const torch::jit::Node* node);

    network::Graph m_graph;  ///< or the body that is written
    std::map<std::string, Array> m_initializers;
    std::unordered_map<const torch::jit::Value*, ValueRef> m_meanings;
    std::set<std::string> m_names;
    std::map<std::string, std::string> m_constants;  ///< stored small integers, by what they are
    /// What the script has written to attributes of modules, by module and name.
    std::map<std::pair<const c10::ivalue::Object*, std::string>, ValueRef> m_written;
    int m_bodies = 0;     ///< of If or Loop that are being written
    std::string m_scope;  ///< of the node that is translated: "layer1.0/relu"
    std::string m_place;
};

/// ONNX's number of a type.
[[nodiscard]] std::int64_t onnxType(at::ScalarType type);
/// The type of a tensor or number.
[[nodiscard]] at::ScalarType scalarTypeOf(const c10::IValue& value);
[[nodiscard]] bool isNumber(const c10::IValue& value);
/// A number as a tensor without dimensions.
[[nodiscard]] at::Tensor numberTensor(const c10::IValue& value);

}  // namespace bitloupe::execution::torchscript
