// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/output_reach.h"

#include <algorithm>

#include "core/execution/training/gradient_scope.h"

namespace bitloupe::execution {

namespace {

/// Nothing is trained, so that no gradient of a weight is computed.
TrainingPlan frozenPlan(std::shared_ptr<const network::Network> network) {
    TrainingPlan plan;
    plan.layers.resize(network->layers.size());
    for (LayerTraining& layer : plan.layers) {
        layer.isFrozen = true;
    }
    plan.network = std::move(network);
    return plan;
}

/// Empty unless some elements have a gradient and others have none.
std::vector<bool> nonZeros(const at::Tensor& gradient) {
    if (!gradient.defined()) {
        return {};
    }
    const at::Tensor flags = gradient.ne(0).contiguous();
    const bool* first = flags.data_ptr<bool>();
    const bool* last = first + flags.numel();
    const auto count = std::count(first, last, true);
    return count == 0 || count == flags.numel() ? std::vector<bool>()
                                                : std::vector<bool>(first, last);
}

/// `operand` with noise of its own deviation where nothing is reached.
at::Tensor withNoise(const at::Tensor& operand, const std::vector<bool>& reached) {
    at::Tensor dead = at::empty(operand.sizes(), at::kBool);
    bool* flags = dead.data_ptr<bool>();
    for (std::size_t i = 0; i < reached.size(); ++i) {
        flags[i] = !reached[i];
    }
    const at::Tensor live = operand.masked_select(dead.logical_not());
    // Different at every place, and the same every time.
    const at::Tensor noise = at::sin(at::arange(1, operand.numel() + 1, at::kFloat) * 0.7);
    return operand + noise.view(operand.sizes()) * (live.std(false) + 0.1) * dead;
}

}  // namespace

OutputReach::OutputReach(std::shared_ptr<const network::Network> network,
                         std::shared_ptr<const Program> program)
    : m_plan(frozenPlan(std::move(network))), m_graph(m_plan, std::move(program)) {}

std::unique_ptr<const OutputReach> OutputReach::find(
    std::shared_ptr<const network::Network> network, std::shared_ptr<const Program> program,
    const Tensors& samples) {
    if (network->graph->outputs.size() != 1) {
        return nullptr;
    }
    std::unique_ptr<const OutputReach> reach(
        new OutputReach(std::move(network), std::move(program)));
    try {
        const Result<std::vector<std::vector<bool>>> reached = reach->of(samples);
        const bool found =
            reached.hasValue() && std::any_of(reached.value().begin(), reached.value().end(),
                                              [](const auto& layer) { return !layer.empty(); });
        return found && reach->holds(samples, reached.value()) ? std::move(reach) : nullptr;
    } catch (const c10::Error&) {
        return nullptr;  // no gradient, so nothing can be told
    }
}

Result<std::vector<std::vector<bool>>> OutputReach::of(const Tensors& samples) const {
    const GradientScope scope;
    std::vector<at::Tensor> operands(m_plan.network->layers.size());
    TrainingGraph::Run run;
    run.handsGradientsOn = true;
    run.visitInput = [&operands](std::size_t layer, at::Tensor& operand) {
        watchGradient(operand);
        operands[layer] = operand;
    };
    const Result<at::Tensor> output = m_graph.forward(samples, run);
    if (output.hasError()) {
        return output.error();
    }
    std::vector<std::vector<bool>> reached(operands.size());
    if (!output.value().requires_grad()) {
        return reached;
    }
    // Not the plain sum, which is 1 for every sample behind a Softmax.
    const at::Tensor weights = at::sin(at::arange(1, output.value().numel() + 1, at::kFloat));
    (output.value().reshape({-1}) * weights).sum().backward();
    for (std::size_t layer = 0; layer < operands.size(); ++layer) {
        if (operands[layer].defined() && operands[layer].is_floating_point()) {
            reached[layer] = nonZeros(operands[layer].grad());
        }
    }
    return reached;
}

bool OutputReach::holds(const Tensors& samples,
                        const std::vector<std::vector<bool>>& reached) const {
    const at::NoGradGuard guard;
    TrainingGraph::Run run;
    const Result<at::Tensor> plain = m_graph.forward(samples, run);
    run.visitInput = [&reached](std::size_t layer, at::Tensor& operand) {
        if (!reached[layer].empty()) {
            operand = withNoise(operand.contiguous(), reached[layer]);
        }
    };
    const Result<at::Tensor> noisy = m_graph.forward(samples, run);
    return plain.hasValue() && noisy.hasValue() && at::equal(plain.value(), noisy.value());
}

}  // namespace bitloupe::execution
