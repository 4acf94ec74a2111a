// SPDX-License-Identifier: Apache-2.0
#include "core/execution/torchscript/call.h"

#include <ATen/core/stack.h>

#include <algorithm>
#include <utility>

#include "core/execution/torchscript/translators.h"

namespace bitloupe::execution::torchscript {

Call::Call(Translation& translation, const torch::jit::Node* node)
    : m_translation(translation), m_node(node) {
    for (const torch::jit::Value* input : node->inputs()) {
        m_inputs.push_back(translation.meaning(input));
    }
}

void Call::run() {
    torch::jit::Operation operation = m_node->getOperation();
    m_results.resize(m_node->outputs().size());
    for (std::size_t sample = 0; sample < kSamples; ++sample) {
        torch::jit::Stack stack;
        for (const ValueRef& input : m_inputs) {
            stack.push_back(input->interpreted(sample));
        }
        operation(stack);
        for (std::size_t i = 0; i < m_results.size(); ++i) {
            m_results[i][sample] = stack.at(stack.size() - m_results.size() + i);
        }
    }
}

bool Call::inputsAreFixed() const {
    return std::all_of(m_inputs.begin(), m_inputs.end(),
                       [](const ValueRef& input) { return input->isFixed(); });
}

std::string Call::name() const {
    return m_node->kind().toQualString();
}

std::string Call::overload() const {
    return m_node->schema().overload_name();
}

void Call::translate(const std::vector<ValueRef>& results) {
    m_given = &results;
    const Translator* translator = findTranslator(name());
    if (translator == nullptr) {
        throw TranslationError("the operator " + name() + " has no translation");
    }
    (*translator)(*this);
}

bool Call::isNone(std::size_t i) const {
    return i >= m_inputs.size() || m_inputs[i]->isNone();
}

at::Tensor Call::tensor(std::size_t i) const {
    const ValueRef& argument = value(i);
    if (!argument->isTensor()) {
        throw TranslationError("an argument of " + name() + " is no tensor");
    }
    return argument->sample().toTensor();
}

at::ScalarType Call::type(std::size_t i) const {
    return scalarTypeOf(value(i)->sample());
}

const c10::IValue& Call::fixed(std::size_t i) const {
    const ValueRef& argument = value(i);
    if (argument->isSequence || !argument->fixed) {
        throw TranslationError("argument " + std::to_string(i + 1) + " of " + name() +
                               " changes with the input, which has no translation");
    }
    return argument->sample();
}

std::int64_t Call::integer(std::size_t i) const {
    const c10::IValue& number = fixed(i);
    return number.isTensor() ? number.toTensor().item<std::int64_t>() : number.toScalar().toLong();
}

double Call::real(std::size_t i) const {
    const c10::IValue& number = fixed(i);
    return number.isTensor() ? number.toTensor().item<double>() : number.toScalar().toDouble();
}

bool Call::flag(std::size_t i) const {
    const c10::IValue& number = fixed(i);
    return number.isBool() ? number.toBool() : number.toScalar().toLong() != 0;
}

std::vector<std::int64_t> Call::integerList(std::size_t i) const {
    if (!value(i)->isSequence) {
        return {integer(i)};
    }
    if (!value(i)->isFixed()) {
        throw TranslationError("argument " + std::to_string(i + 1) + " of " + name() +
                               " changes with the input, which has no translation");
    }
    std::vector<std::int64_t> values;
    for (const ValueRef& item : value(i)->items) {
        values.push_back(item->sample().toInt());
    }
    return values;
}

std::int64_t Call::axis(std::size_t i, std::size_t of) const {
    const std::int64_t given = integer(i);
    return given < 0 ? given + rank(of) : given;
}

std::vector<std::int64_t> Call::integersFor(std::size_t i, std::size_t count) const {
    std::vector<std::int64_t> values = integerList(i);
    if (values.size() == 1) {
        values.resize(count, values.front());
    }
    if (values.size() != count) {
        throw TranslationError("argument " + std::to_string(i + 1) + " of " + name() +
                               " does not have " + std::to_string(count) + " numbers");
    }
    return values;
}

std::string Call::number(double value, at::ScalarType wanted) {
    return m_translation.store("constant", at::scalar_tensor(value, at::kDouble).to(wanted));
}

at::ScalarType Call::resultType() const {
    return scalarTypeOf(m_results[0][0]);
}

void Call::giveMany(const std::vector<std::string>& edges) {
    for (std::size_t i = 0; i < edges.size() && i < m_given->size(); ++i) {
        (*m_given)[i]->edge = edges[i];
    }
}

void Call::pass(std::size_t i) {
    give(edge(i));
}

void Call::giveItems(const std::vector<std::string>& edges) {
    const std::vector<ValueRef>& items = given()->items;
    for (std::size_t i = 0; i < edges.size() && i < items.size(); ++i) {
        items[i]->edge = edges[i];
    }
}

void Call::giveSequence(const std::vector<ValueRef>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        *given()->items.at(i) = *items[i];
    }
}

}  // namespace bitloupe::execution::torchscript
