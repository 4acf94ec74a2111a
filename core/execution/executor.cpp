// SPDX-License-Identifier: Apache-2.0
#include "core/execution/executor.h"

#include "core/execution/input_binding.h"
#include "core/execution/program.h"
#include "core/execution/tensor_bridge.h"
#include "core/network/graph_hash.h"

namespace bitloupe::execution {

std::vector<UnsupportedOperator> unsupportedOperators(const network::Graph& graph) {
    std::vector<UnsupportedOperator> missing;
    for (const network::Node& node : graph.nodes) {
        if (findOperator(node) == nullptr) {
            missing.push_back({node.operatorType, node.name});
        }
    }
    return missing;
}

struct Executor::State {
    std::shared_ptr<const Program> program;

    /// Runs every step; `visit` sees each edge's value when it is made.
    template <typename Visit>
    Result<Tensors> run(Tensors values, Visit visit) const;
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

template <typename Visit>
Result<Tensors> Executor::State::run(Tensors values, Visit visit) const {
    for (const Step& step : program->steps()) {
        Result<Tensors> made = program->invoke(step, gatherInputs(step, values));
        if (made.hasError()) {
            return made.error();
        }
        for (std::size_t i = 0; i < step.outputs.size(); ++i) {
            if (const Edge edge = step.outputs[i]; edge != kNoEdge) {
                visit(edge, made.value()[i]);
                values[static_cast<std::size_t>(edge)] = std::move(made.value()[i]);
            }
        }
        for (const Edge edge : step.lastUses) {
            values[static_cast<std::size_t>(edge)] = at::Tensor();
        }
    }
    Tensors outputs;
    for (const Edge edge : program->outputs()) {
        outputs.push_back(values[static_cast<std::size_t>(edge)]);
    }
    return outputs;
}

Result<std::vector<Array>> Executor::run(const std::map<std::string, Array>& inputs) const {
    const SingleThreadScope scope;
    const Result<std::vector<Array>> bound = bindInputs(m_state->program->graph(), inputs);
    if (bound.hasError()) {
        return bound.error();
    }
    Tensors values = m_state->program->constants();
    for (std::size_t i = 0; i < bound.value().size(); ++i) {
        values[static_cast<std::size_t>(m_state->program->inputs()[i])] =
            borrowTensor(bound.value()[i]);
    }
    const Result<Tensors> outputs = m_state->run(std::move(values), [](Edge, const at::Tensor&) {});
    if (outputs.hasError()) {
        return outputs.error();
    }
    std::vector<Array> arrays;
    for (const at::Tensor& output : outputs.value()) {
        arrays.push_back(toArray(output));
    }
    return arrays;
}

Result<network::EdgeShapes> Executor::traceShapes(
    const std::map<std::string, Shape>& inputShapes) const {
    const SingleThreadScope scope;
    const Program& program = *m_state->program;
    network::EdgeShapes shapes;
    Tensors values = program.constants();
    for (std::size_t i = 0; i < program.inputs().size(); ++i) {
        const network::ValueInfo& input = program.graph().inputs[i];
        const Shape shape = sampleShape(input, inputShapes);
        values[static_cast<std::size_t>(program.inputs()[i])] =
            at::zeros(shape, scalarTypeOf(input.type));
    }
    for (std::size_t edge = 0; edge < values.size(); ++edge) {
        if (values[edge].defined()) {
            shapes[program.edgeNames()[edge]] = values[edge].sizes().vec();
        }
    }
    const Result<Tensors> outputs =
        m_state->run(std::move(values), [&](Edge edge, const at::Tensor& value) {
            shapes[program.edgeNames()[static_cast<std::size_t>(edge)]] = value.sizes().vec();
        });
    if (outputs.hasError()) {
        return outputs.error();
    }
    return shapes;
}

Result<network::Network> makeNetwork(std::shared_ptr<const network::Graph> graph,
                                     std::string source,
                                     const std::map<std::string, Shape>& inputShapes) {
    Result<Executor> executor = Executor::prepare(graph);
    if (executor.hasError()) {
        return executor.error();
    }
    const Result<network::EdgeShapes> shapes = executor.value().traceShapes(inputShapes);
    if (shapes.hasError()) {
        return shapes.error();
    }
    network::Network network;
    network.name = graph->name;
    network.source = std::move(source);
    network.hash = network::graphHash(*graph);
    network.layers = network::findLayers(*graph, shapes.value());
    network.graph = std::move(graph);
    return network;
}

}  // namespace bitloupe::execution
