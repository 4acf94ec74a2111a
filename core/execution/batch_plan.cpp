// SPDX-License-Identifier: Apache-2.0
#include "core/execution/batch_plan.h"

#include <algorithm>

#include "core/execution/input_binding.h"
#include "core/execution/tensor_bridge.h"

namespace bitloupe::execution {

namespace {

constexpr std::int64_t kActivationBytes = std::int64_t{3} << 20;  // about a second-level cache
constexpr std::int64_t kLargestBatch = 256;
// A few samples share what every step costs by itself, where a third-level cache holds them.
constexpr std::int64_t kFewSamples = 4;
constexpr std::int64_t kFewSamplesBytes = std::int64_t{16} << 20;

struct Trial {
    at::Tensor output;
    std::int64_t bytes = 0;  ///< of everything the steps made
};

/// Smooth, different for every sample, the same on every machine.
at::Tensor trialInput(const network::ValueInfo& input, std::int64_t samples) {
    Shape shape = sampleShape(input, {});
    if (!shape.empty()) {
        shape[0] = samples;
    }
    if (input.type != ElementType::Float32) {
        return at::zeros(shape, scalarTypeOf(input.type));
    }
    const std::int64_t count = elementCount(shape);
    return at::sin(at::arange(count, at::kFloat) * 0.7).reshape(shape);
}

Result<Trial> tryBatch(const Program& program, const Tensors& inputs) {
    const SingleThreadScope scope;
    Tensors values = program.constants();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        values[static_cast<std::size_t>(program.inputs()[i])] = inputs[i];
    }
    Trial trial;
    for (const Step& step : program.steps()) {
        Result<Tensors> made = program.invoke(step, gatherInputs(step, values));
        if (made.hasError()) {
            return made.error();
        }
        for (std::size_t i = 0; i < step.outputs.size(); ++i) {
            if (const Edge edge = step.outputs[i]; edge != kNoEdge) {
                trial.bytes += static_cast<std::int64_t>(made.value()[i].nbytes());
                values[static_cast<std::size_t>(edge)] = made.value()[i];
            }
        }
        for (const Edge edge : step.lastUses) {
            values[static_cast<std::size_t>(edge)].reset();
        }
    }
    trial.output = values[static_cast<std::size_t>(program.outputs().front())];
    return trial;
}

Tensors trialInputs(const Program& program, std::int64_t samples) {
    Tensors inputs;
    for (const network::ValueInfo& input : program.graph().inputs) {
        inputs.push_back(trialInput(input, samples));
    }
    return inputs;
}

/// Whether the first sample's output is the same with a second sample beside it.
bool takesBatches(const Program& program, const at::Tensor& single) {
    const Result<Trial> pair = tryBatch(program, trialInputs(program, 2));
    if (pair.hasError() || single.dim() == 0) {
        return false;
    }
    const at::Tensor& output = pair.value().output;
    return output.dim() == single.dim() && output.size(0) == 2 * single.size(0) &&
           at::allclose(output.narrow(0, 0, single.size(0)), single, 1e-3, 1e-4,
                        /*equal_nan=*/true);
}

std::int64_t fixedSamples(const network::Graph& graph) {
    for (const network::ValueInfo& input : graph.inputs) {
        if (!input.shape.empty() && input.shape[0].value) {
            return *input.shape[0].value;
        }
    }
    return 0;
}

at::Tensor rowsOf(const Array& input, std::int64_t first, std::int64_t samples,
                  const BatchPlan& plan) {
    const at::Tensor rows = borrowRows(input, first, samples);
    if (!plan.fixed || samples == plan.size) {
        return rows;
    }
    std::vector<std::int64_t> shape(static_cast<std::size_t>(rows.dim()), 1);
    shape[0] = plan.size - samples;
    return at::cat({rows, rows.narrow(0, samples - 1, 1).repeat(shape)}, 0);
}

}  // namespace

Tensors batchOf(const std::vector<Array>& inputs, std::int64_t first, std::int64_t samples,
                const BatchPlan& plan) {
    Tensors batch;
    for (const Array& input : inputs) {
        batch.push_back(rowsOf(input, first, samples, plan));
    }
    return batch;
}

Result<BatchPlan> planBatches(const Program& program) {
    if (program.outputs().empty() || program.inputs().empty()) {
        return Error{"the network has no input or no output", "", "export it with both"};
    }
    const Result<Trial> single = tryBatch(program, trialInputs(program, 1));
    const std::int64_t fixed = fixedSamples(program.graph());
    if (single.hasError()) {
        const Result<Trial> other =
            fixed > 1 ? tryBatch(program, trialInputs(program, fixed)) : single;
        return other.hasValue() ? Result<BatchPlan>(BatchPlan{fixed, true, other.value().bytes})
                                : single.error();
    }
    const std::int64_t bytes = single.value().bytes;
    if (!takesBatches(program, single.value().output)) {
        const std::int64_t size = std::max<std::int64_t>(1, fixed);
        return BatchPlan{size, fixed > 1, size * bytes};
    }
    const std::int64_t each = std::max<std::int64_t>(1, bytes);
    const std::int64_t fitting = std::clamp<std::int64_t>(
        std::max(kActivationBytes / each, std::min(kFewSamples, kFewSamplesBytes / each)), 1,
        kLargestBatch);
    return BatchPlan{fitting, false, fitting * bytes};
}

}  // namespace bitloupe::execution
