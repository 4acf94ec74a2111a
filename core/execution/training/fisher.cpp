// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/execution/training/gradient_scope.h"
#include "core/execution/training/training_loop.h"

namespace bitloupe::execution {

namespace {

/// Samples whose gradients are squared together.
constexpr std::int64_t kGroup = 8;

double squareSum(const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(at::kDouble).square().sum().item<double>() : 0;
}

}  // namespace

Result<std::vector<LayerFisher>> TrainingLoop::fisherTraces() {
    const GradientScope scope;
    const std::vector<network::Layer>& layers = m_plan.network->layers;
    std::vector<LayerFisher> traces(layers.size());
    const std::int64_t group = m_batches.fixed ? m_batches.size : std::min(kGroup, m_batches.size);
    // What does not fill the last group is left out.
    const std::int64_t count = m_training.count() / group * group;
    if (count == 0) {
        return Error{"the network takes more samples at a time than there are",
                     "Fisher information", "give it more samples"};
    }
    try {
        for (std::int64_t first = 0; first < count; first += group) {
            m_optimizer.clearGradients();
            std::vector<at::Tensor> inputs(layers.size());
            TrainingGraph::Run run;
            run.visitInput = [&inputs](std::size_t layer, at::Tensor& input) {
                watchGradient(input);
                inputs[layer] = input;
            };
            const at::Tensor indices = at::arange(first, first + group, at::kLong);
            const Result<at::Tensor> outputs = m_graph.forward(m_training.rows(indices), run);
            if (outputs.hasError()) {
                return outputs.error();
            }
            const at::Tensor wanted = m_training.wanted.index_select(0, indices).reshape({-1});
            lossSum(outputs.value(), wanted, m_plan.loss, m_plan.outputs).backward();
            for (std::size_t i = 0; i < layers.size(); ++i) {
                traces[i].input += inputs[i].defined() ? squareSum(inputs[i].grad()) : 0;
            }
            for (const TrainedTensor& tensor : m_graph.trained()) {
                for (std::size_t i = 0; i < layers.size(); ++i) {
                    if (!layers[i].weight.empty() &&
                        tensor.key == "parameter/" + layers[i].weight) {
                        traces[i].weights += squareSum(tensor.value.grad());
                    }
                }
            }
        }
    } catch (const c10::Error& error) {
        return Error{error.what_without_backtrace(), "Fisher information",
                     "explore without its prior"};
    }
    m_optimizer.clearGradients();
    for (LayerFisher& trace : traces) {
        trace.weights /= static_cast<double>(count);
        trace.input /= static_cast<double>(count);
    }
    return traces;
}

}  // namespace bitloupe::execution
