// SPDX-License-Identifier: Apache-2.0
#include "core/execution/program.h"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <algorithm>
#include <set>

#include "core/execution/memory_order.h"
#include "core/execution/narrow_types.h"
#include "core/execution/required_inputs.h"
#include "core/execution/sample_blocks.h"
#include "core/execution/tensor_bridge.h"
#include "core/network/graph_index.h"
#include "core/network/graph_order.h"

namespace bitloupe::execution {

namespace {

std::string describe(const network::Node& node) {
    return "node \"" + node.name + "\" (" + node.operatorType + ")";
}

/// Nodes whose results must not be computed once for all.
bool isRandom(const network::Node& node) {
    return node.operatorType.starts_with("Random") || node.operatorType == "Bernoulli" ||
           node.operatorType == "Multinomial";
}

/// Rows of a stored matrix, even those at fixed places: the matrix holds weights, which may vary.
bool looksUpTable(const network::Graph& graph, std::size_t index) {
    const network::Node& node = graph.nodes[index];
    if (node.operatorType != "Gather" || node.inputs.empty()) {
        return false;
    }
    const auto stored = graph.initializers.find(node.inputs[0]);
    return stored != graph.initializers.end() && stored->second.type() == ElementType::Float32 &&
           stored->second.shape().size() == 2;
}

/// What follows about the type of a node's first output from its attributes.
void noteNarrowOutput(const network::Node& node, std::map<std::string, int>& types) {
    static const std::map<std::string, std::string> kAttributes = {
        {"Cast", "to"}, {"QuantizeLinear", "output_dtype"}, {"DequantizeLinear", "output_dtype"}};
    const auto named = kAttributes.find(node.operatorType);
    if (named == kAttributes.end() || !node.domain.empty() || node.outputs.empty()) {
        return;
    }
    const auto found = node.attributes.find(named->second);
    const auto* type =
        found == node.attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
    if (type != nullptr && isNarrowType(*type)) {
        types[node.outputs.front()] = static_cast<int>(*type);
    }
}

/// The first line: ATen's messages go on with hints for programmers.
std::string firstLine(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

template <typename Work>
auto guarded(const network::Node& node, Work work) -> Result<decltype(work())> {
    try {
        return work();
    } catch (const OperatorError& error) {
        return Error{error.what(), describe(node), "check how the network was exported"};
    } catch (const c10::Error& error) {
        return Error{firstLine(error.what_without_backtrace()), describe(node),
                     "check that the input and the weights have the shapes the network expects"};
    } catch (const std::exception& error) {
        return Error{error.what(), describe(node), "check how the network was exported"};
    }
}

/// Kernels read the inputs that their operators require without looking.
Result<void> checkInputs(const network::Node& node, std::int64_t opset) {
    const std::size_t required = requiredInputs(node, opset);
    for (std::size_t i = 0; i < required; ++i) {
        if (network::inputOr(node, i).empty()) {
            return Error{node.operatorType + " needs " + std::to_string(required) +
                             (required == 1 ? " input" : " inputs") + ", input " +
                             std::to_string(i + 1) + " is missing",
                         describe(node), "check how the network was exported"};
        }
    }
    return {};
}

/// Networks ask for the same large blocks in every pass. By default the C library gives each back
/// to the system at once, and the next pass pays for fresh zeroed pages: up to half of its time.
void keepFreedMemory() {
#ifdef __GLIBC__
    constexpr int kLargest = 1 << 30;
    static const int kSettings = mallopt(M_MMAP_THRESHOLD, kLargest) +
                                 mallopt(M_TRIM_THRESHOLD, kLargest) + mallopt(M_TOP_PAD, 1 << 26);
    static_cast<void>(kSettings);
#endif
}

}  // namespace

SingleThreadScope::SingleThreadScope() {
    at::set_num_threads(1);  // also this thread's OpenMP team, which OpenBLAS asks
}

Tensors gatherInputs(const Step& step, std::span<const at::Tensor> values) {
    Tensors inputs;
    inputs.reserve(step.inputs.size());
    for (const Edge edge : step.inputs) {
        inputs.push_back(edge == kNoEdge ? at::Tensor() : values[static_cast<std::size_t>(edge)]);
    }
    return inputs;
}

Tensors takeInputs(const Step& step, Tensors& values, std::span<const Edge> released) {
    Tensors inputs = gatherInputs(step, values);
    for (const Edge edge : released) {
        values[static_cast<std::size_t>(edge)].reset();
    }
    return inputs;
}

Edge Program::edge(const std::string& name) const {
    const auto found = m_numbers.find(name);
    return found == m_numbers.end() ? kNoEdge : found->second;
}

Edge Program::number(const std::string& name) {
    if (name.empty()) {
        return kNoEdge;
    }
    const auto [place, fresh] = m_numbers.try_emplace(name, static_cast<Edge>(m_names.size()));
    if (fresh) {
        m_names.push_back(name);
        m_constants.emplace_back();
    }
    return place->second;
}

Result<Step> Program::translate(std::size_t index) {
    const network::Node& node = m_graph->nodes[index];
    const KernelMaker* maker = findOperator(node);
    if (maker == nullptr) {
        return Error{"the operator " + node.operatorType + " is not supported", describe(node),
                     "export the network without it"};
    }
    if (const Result<void> complete = checkInputs(node, m_graph->opset); complete.hasError()) {
        return complete.error();
    }
    Step step;
    step.node = index;
    Result<Kernel> kernel = guarded(node, [&] {
        return (*maker)(Attributes(node, m_graph->opset, &m_types, &m_graph->initializers));
    });
    if (kernel.hasError()) {
        return kernel.error();
    }
    step.kernel = std::move(kernel).value();
    step.anyOrder = readsAnyOrder(node);
    step.sampleBySample = worksSampleBySample(node, m_graph->opset);
    if (const Result<void> connected = connect(node, step); connected.hasError()) {
        return connected.error();
    }
    noteNarrowOutput(node, m_types);
    return step;
}

Result<void> Program::connect(const network::Node& node, Step& step) {
    std::vector<std::string> inputs = node.inputs;
    for (const auto& [name, attribute] : node.attributes) {
        if (const auto* body = std::get_if<std::shared_ptr<const network::Graph>>(&attribute)) {
            const std::set<std::string> captured = network::capturedEdges(**body);
            inputs.insert(inputs.end(), captured.begin(), captured.end());
        }
    }
    for (const std::string& name : inputs) {
        if (!name.empty() && !m_numbers.contains(name)) {
            return Error{"the input \"" + name + "\" is made by no node before it", describe(node),
                         "check how the network was exported"};
        }
        step.inputs.push_back(number(name));
    }
    for (const std::string& name : node.outputs) {
        step.outputs.push_back(number(name));
    }
    return {};
}

Result<bool> Program::fold(const Step& step) {
    if (isRandom(m_graph->nodes[step.node]) || looksUpTable(*m_graph, step.node)) {
        return false;
    }
    for (const Edge edge : step.inputs) {
        if (edge != kNoEdge && !m_constants[static_cast<std::size_t>(edge)].defined()) {
            return false;
        }
    }
    Result<Tensors> values = invoke(step, gatherInputs(step, m_constants));
    if (values.hasError()) {
        return values.error();
    }
    for (std::size_t i = 0; i < step.outputs.size(); ++i) {
        if (step.outputs[i] != kNoEdge) {
            m_constants[static_cast<std::size_t>(step.outputs[i])] = inOrder(values.value()[i]);
        }
    }
    return true;
}

void Program::findLastUses() {
    std::vector<bool> needed(m_names.size(), false);
    for (const Edge edge : m_outputs) {
        needed[static_cast<std::size_t>(edge)] = true;
    }
    for (std::size_t i = m_steps.size(); i-- > 0;) {
        Step& step = m_steps[i];
        for (const std::vector<Edge>* edges : {&step.inputs, &step.outputs}) {
            for (const Edge edge : *edges) {
                if (edge != kNoEdge && !needed[static_cast<std::size_t>(edge)]) {
                    needed[static_cast<std::size_t>(edge)] = true;
                    step.lastUses.push_back(edge);
                }
            }
        }
    }
}

Result<std::shared_ptr<const Program>> Program::compile(
    std::shared_ptr<const network::Graph> graph) {
    const SingleThreadScope scope;
    keepFreedMemory();
    const std::shared_ptr<Program> program(new Program(std::move(graph)));
    program->m_types = program->m_graph->narrowTypes;
    for (const auto& [name, array] : program->m_graph->initializers) {
        program->m_constants[static_cast<std::size_t>(program->number(name))] = borrowTensor(array);
    }
    for (const network::ValueInfo& input : program->m_graph->inputs) {
        const Edge edge = program->number(input.name);
        program->m_constants[static_cast<std::size_t>(edge)] = at::Tensor();
        program->m_inputs.push_back(edge);
    }
    for (std::size_t node = 0; node < program->m_graph->nodes.size(); ++node) {
        Result<Step> step = program->translate(node);
        if (step.hasError()) {
            return step.error();
        }
        const Result<bool> folded = program->fold(step.value());
        if (folded.hasError()) {
            return folded.error();
        }
        (folded.value() ? program->m_folded : program->m_steps).push_back(std::move(step).value());
    }
    for (const network::ValueInfo& output : program->m_graph->outputs) {
        const Edge edge = program->edge(output.name);
        if (edge == kNoEdge) {
            return Error{"the output \"" + output.name + "\" is made by no node", "",
                         "check how the network was exported"};
        }
        program->m_outputs.push_back(edge);
    }
    program->findLastUses();
    return std::shared_ptr<const Program>(program);
}

Result<Tensors> Program::run(const Tensors& inputs, const Visit& visit) const {
    Tensors values = m_constants;
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
        values[static_cast<std::size_t>(m_inputs[i])] = inputs[i];
    }
    for (std::size_t next = 0; next < m_steps.size();) {
        if (!visit && !at::GradMode::is_enabled()) {
            const Result<std::size_t> behind = runInBlocks(*this, next, values);
            if (behind.hasError()) {
                return behind.error();
            }
            if (behind.value() != next) {
                next = behind.value();
                continue;
            }
        }
        const Step& step = m_steps[next++];
        const Tensors given = takeInputs(step, values, step.lastUses);
        Result<Tensors> made = invoke(step, given);
        if (made.hasError()) {
            return made.error();
        }
        for (std::size_t i = 0; i < step.outputs.size(); ++i) {
            if (const Edge edge = step.outputs[i]; edge != kNoEdge) {
                if (visit) {
                    visit(edge, made.value()[i]);
                }
                values[static_cast<std::size_t>(edge)] = std::move(made.value()[i]);
            }
        }
        for (const Edge edge : step.lastUses) {
            values[static_cast<std::size_t>(edge)] = at::Tensor();
        }
    }
    Tensors outputs;
    for (const Edge edge : m_outputs) {
        outputs.push_back(values[static_cast<std::size_t>(edge)]);
    }
    return outputs;
}

std::vector<bool> Program::dependents(Edge initializer) const {
    std::vector<bool> changed(m_names.size(), false);
    changed[static_cast<std::size_t>(initializer)] = true;
    for (const Step& step : m_folded) {
        const bool reads = std::any_of(step.inputs.begin(), step.inputs.end(), [&](Edge edge) {
            return edge != kNoEdge && changed[static_cast<std::size_t>(edge)];
        });
        for (const Edge edge : step.outputs) {
            if (reads && edge != kNoEdge) {
                changed[static_cast<std::size_t>(edge)] = true;
            }
        }
    }
    return changed;
}

Result<at::Tensor> Program::constantGiven(Edge initializer, const at::Tensor& value,
                                          Edge wanted) const {
    const SingleThreadScope scope;
    const std::vector<bool> changed = dependents(initializer);
    Tensors values = m_constants;
    values[static_cast<std::size_t>(initializer)] = value;
    for (const Step& step : m_folded) {
        const bool affected = std::any_of(step.outputs.begin(), step.outputs.end(), [&](Edge edge) {
            return edge != kNoEdge && changed[static_cast<std::size_t>(edge)];
        });
        if (!affected) {
            continue;
        }
        Result<Tensors> made = invoke(step, gatherInputs(step, values));
        if (made.hasError()) {
            return made.error();
        }
        for (std::size_t i = 0; i < step.outputs.size(); ++i) {
            if (step.outputs[i] != kNoEdge) {
                values[static_cast<std::size_t>(step.outputs[i])] = inOrder(made.value()[i]);
            }
        }
    }
    return values[static_cast<std::size_t>(wanted)];
}

Result<Tensors> Program::invoke(const Step& step, std::span<const at::Tensor> inputs) const {
    const network::Node& node = m_graph->nodes[step.node];
    return guarded(node, [&] {
        Tensors outputs = step.anyOrder || std::none_of(inputs.begin(), inputs.end(), isReordered)
                              ? step.kernel(inputs)
                              : step.kernel(inOrder(inputs));
        require(outputs.size() >= step.outputs.size(),
                "the operator does not make " + std::to_string(step.outputs.size()) + " outputs");
        return outputs;
    });
}

}  // namespace bitloupe::execution
