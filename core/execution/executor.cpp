// SPDX-License-Identifier: Apache-2.0
#include "core/execution/executor.h"

#include <algorithm>
#include <iterator>

#include "core/execution/input_binding.h"
#include "core/execution/narrow_types.h"
#include "core/execution/program.h"
#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

std::vector<UnsupportedOperator> unsupportedOperators(const network::Graph& graph) {
    std::vector<UnsupportedOperator> missing;
    for (const network::Node& node : graph.nodes) {
        if (findOperator(node) == nullptr) {
            missing.push_back({node.operatorType, node.name});
        }
        for (const auto& [name, attribute] : node.attributes) {
            if (const auto* body = std::get_if<std::shared_ptr<const network::Graph>>(&attribute)) {
                std::ranges::move(unsupportedOperators(**body), std::back_inserter(missing));
            }
        }
    }
    return missing;
}

namespace {

/// Files may declare any size; this much is far more than a sample has.
bool fitsInMemory(const Shape& shape) {
    constexpr std::int64_t kMostElements = std::int64_t{1} << 28;
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && count > kMostElements / size)) {
            return false;
        }
        count *= size;
    }
    return true;
}

}  // namespace

struct Executor::State {
    std::shared_ptr<const Program> program;
};

Executor::Executor(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

Result<Executor> Executor::prepare(std::shared_ptr<const network::Graph> graph) {
    Result<std::shared_ptr<const Program>> program = Program::compile(std::move(graph));
    if (program.hasError()) {
        return program.error();
    }
    return Executor(std::make_unique<State>(State{std::move(program).value()}));
}

Result<std::vector<Array>> Executor::run(const std::map<std::string, Array>& inputs) const {
    const SingleThreadScope scope;
    const Result<std::vector<Array>> bound = bindInputs(m_state->program->graph(), inputs);
    if (bound.hasError()) {
        return bound.error();
    }
    Tensors tensors;
    for (const Array& input : bound.value()) {
        tensors.push_back(borrowTensor(input));
    }
    const Result<Tensors> outputs = m_state->program->run(tensors);
    if (outputs.hasError()) {
        return outputs.error();
    }
    std::vector<Array> arrays;
    for (std::size_t i = 0; i < outputs.value().size(); ++i) {
        const network::ValueInfo& output = m_state->program->graph().outputs[i];
        const auto narrow = m_state->program->graph().narrowTypes.find(output.name);
        const at::Tensor& value = outputs.value()[i];
        arrays.push_back(toArray(narrow == m_state->program->graph().narrowTypes.end()
                                     ? value
                                     : castTo(value, narrow->second),
                                 output.type));
    }
    return arrays;
}

Result<network::EdgeShapes> Executor::traceShapes(
    const std::map<std::string, Shape>& inputShapes) const {
    const SingleThreadScope scope;
    const Program& program = *m_state->program;
    network::EdgeShapes shapes;
    const auto note = [&](Edge edge, const at::Tensor& value) {
        if (value.defined()) {
            shapes[program.edgeNames()[static_cast<std::size_t>(edge)]] = value.sizes().vec();
        }
    };
    Tensors inputs;
    for (std::size_t i = 0; i < program.inputs().size(); ++i) {
        const network::ValueInfo& input = program.graph().inputs[i];
        const Shape shape = sampleShape(input, inputShapes);
        if (!fitsInMemory(shape)) {
            return Error{"the input has more elements than fit in memory",
                         "input \"" + input.name + "\"", "give it a smaller shape"};
        }
        inputs.push_back(at::zeros(shape, scalarTypeOf(input.type)));
        note(program.inputs()[i], inputs.back());
    }
    for (std::size_t edge = 0; edge < program.constants().size(); ++edge) {
        note(static_cast<Edge>(edge), program.constants()[edge]);
    }
    const Result<Tensors> outputs = program.run(inputs, note);
    if (outputs.hasError()) {
        return outputs.error();
    }
    return shapes;
}

}  // namespace bitloupe::execution
