// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <string>
#include <vector>

#include "core/execution/torchscript/translation.h"

namespace bitloupe::execution::torchscript {

/// One call of an operator of the script: its arguments, what it gives on the samples, and the
/// means to write down the same as ONNX operators.
class Call {
public:
    Call(Translation& translation, const torch::jit::Node* node);

    /// Lets LibTorch's interpreter run the operator on both samples.
    void run();
    [[nodiscard]] const OnSamples& results(std::size_t output) const { return m_results[output]; }
    [[nodiscard]] bool inputsAreFixed() const;

    /// Finds the operator's translator and lets it give every result its edge.
    void translate(const std::vector<ValueRef>& results);

    // Arguments, by position.
    [[nodiscard]] std::string name() const;      ///< "aten::add"
    [[nodiscard]] std::string overload() const;  ///< of the schema: "Tensor"
    [[nodiscard]] std::size_t arguments() const { return m_inputs.size(); }
    [[nodiscard]] const ValueRef& value(std::size_t i) const { return m_inputs.at(i); }
    [[nodiscard]] bool isNone(std::size_t i) const;
    [[nodiscard]] at::Tensor tensor(std::size_t i) const;  ///< on the first sample
    [[nodiscard]] std::int64_t rank(std::size_t i) const { return tensor(i).dim(); }
    [[nodiscard]] at::ScalarType type(std::size_t i) const;

    // Arguments that must be fixed.
    [[nodiscard]] std::int64_t integer(std::size_t i) const;
    [[nodiscard]] double real(std::size_t i) const;
    [[nodiscard]] bool flag(std::size_t i) const;
    [[nodiscard]] std::vector<std::int64_t> integerList(std::size_t i) const;
    /// An axis of argument `of`, counted from the front.
    [[nodiscard]] std::int64_t axis(std::size_t i, std::size_t of = 0) const;
    /// `count` numbers where the script may give one for all.
    [[nodiscard]] std::vector<std::int64_t> integersFor(std::size_t i, std::size_t count) const;

    // Edges.
    std::string edge(std::size_t i) { return m_translation.edgeOf(value(i)); }
    std::string edgeAs(std::size_t i, at::ScalarType wanted) {
        return m_translation.edgeAs(value(i), wanted);
    }
    std::string emit(const std::string& type, std::vector<std::string> inputs,
                     Attributes attributes = {}) {
        return m_translation.emit(type, std::move(inputs), std::move(attributes));
    }
    std::string integers(const std::vector<std::int64_t>& values) {
        return m_translation.integers(values);
    }
    /// A number without dimensions.
    std::string number(double value, at::ScalarType wanted = at::kFloat);
    Translation& translation() { return m_translation; }

    // Results.
    [[nodiscard]] at::Tensor result(std::size_t i = 0) const { return m_results[i][0].toTensor(); }
    [[nodiscard]] at::ScalarType resultType() const;
    void give(const std::string& edge) { giveMany({edge}); }
    void giveMany(const std::vector<std::string>& edges);
    /// The result is the argument itself.
    void pass(std::size_t i);
    /// The edges of the items of the only result, a list.
    void giveItems(const std::vector<std::string>& edges);
    /// The only result is a list of these.
    void giveSequence(const std::vector<ValueRef>& items);
    [[nodiscard]] const ValueRef& given(std::size_t i = 0) const { return m_given->at(i); }

private:
    [[nodiscard]] const c10::IValue& fixed(std::size_t i) const;

    Translation& m_translation;
    const torch::jit::Node* m_node;
    std::vector<ValueRef> m_inputs;
    std::vector<OnSamples> m_results;
    const std::vector<ValueRef>* m_given = nullptr;
};

}  // namespace bitloupe::execution::torchscript
