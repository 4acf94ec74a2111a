// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/trainer.h"

#include <algorithm>

#include "core/execution/input_binding.h"
#include "core/execution/tensor_bridge.h"
#include "core/execution/training/training_loop.h"

namespace bitloupe::execution {

namespace {

at::Tensor tableOf(const TrainingSamples& samples, LossKind loss, std::int64_t count) {
    const bool classes = loss == LossKind::CrossEntropy;
    const at::Tensor flat =
        classes ? at::tensor(samples.labels, at::kLong) : at::tensor(samples.targets, at::kFloat);
    return flat.numel() % count == 0 ? flat.reshape({count, -1}) : at::Tensor();
}

Result<BoundSamples> bind(const network::Graph& graph, const TrainingSamples& samples,
                          LossKind loss, const std::string& where) {
    Result<std::vector<Array>> inputs = bindInputs(graph, samples.inputs);
    if (inputs.hasError()) {
        return inputs.error().within(where);
    }
    BoundSamples bound{std::move(inputs).value(), {}};
    if (bound.inputs.empty() || bound.inputs.front().shape().empty() || bound.count() == 0) {
        return Error{"there are no samples", where, "give at least one"};
    }
    const bool judged =
        loss == LossKind::CrossEntropy ? !samples.labels.empty() : !samples.targets.empty();
    if (!judged) {
        return Error{"the samples have no labels and no targets", where,
                     "training needs to know what is right"};
    }
    bound.wanted = tableOf(samples, loss, bound.count());
    if (!bound.wanted.defined()) {
        return Error{"the labels cannot be shared out among the samples", where,
                     "give as many labels to every sample"};
    }
    return bound;
}

/// Runs the network once, so that labels which it has no class for are found before training.
Result<void> checkLabels(const TrainingLoop& loop, const BoundSamples& samples, LossKind loss,
                         const std::string& where) {
    std::vector<Array> first;
    for (const Array& input : samples.inputs) {
        first.push_back(toArray(borrowRows(input, 0, 1)));
    }
    const Result<Array> outputs = loop.outputs(first);
    if (outputs.hasError()) {
        return outputs.error();
    }
    const Shape& shape = outputs.value().shape();
    const bool squared = loss == LossKind::MeanSquaredError;
    const std::int64_t width = squared || shape.size() < 2 ? 1 : shape.back();
    const std::int64_t rows = outputs.value().size() / std::max<std::int64_t>(1, width);
    if (rows != samples.wanted.size(1)) {
        return Error{"there are " + std::to_string(samples.wanted.size(1)) + " labels and " +
                         std::to_string(rows) + " rows of outputs a sample",
                     where, "give one label for each row"};
    }
    if (squared) {
        return {};
    }
    const std::int64_t classes = std::max<std::int64_t>(2, width);
    if (samples.wanted.min().item<std::int64_t>() < -1 ||
        samples.wanted.max().item<std::int64_t>() >= classes) {
        return Error{"a label is none of the network's " + std::to_string(classes) + " classes",
                     where, "choose labels that fit the network"};
    }
    return {};
}

TrainingState toState(const std::map<std::string, at::Tensor>& tensors) {
    TrainingState state;
    for (const auto& [name, tensor] : tensors) {
        state[name] = toArray(tensor);
    }
    return state;
}

std::map<std::string, at::Tensor> toTensors(const TrainingState& state) {
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, array] : state) {
        tensors[name] = borrowTensor(array);
    }
    return tensors;
}

}  // namespace

class Trainer::Impl {
public:
    Impl(TrainingPlan plan, std::shared_ptr<const Program> program, BatchPlan batches,
         BoundSamples training, BoundSamples judging)
        : loop(std::move(plan), std::move(program), batches, std::move(training),
               std::move(judging)) {}

    TrainingLoop loop;
};

Trainer::Trainer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

Result<Trainer> Trainer::prepare(TrainingPlan plan) {
    const network::Graph& graph = *plan.network->graph;
    Result<std::shared_ptr<const Program>> program = Program::compile(plan.network->graph);
    if (program.hasError()) {
        return program.error();
    }
    const Result<BatchPlan> batches = planBatches(*program.value());
    if (batches.hasError()) {
        return batches.error();
    }
    Result<BoundSamples> training = bind(graph, plan.training, plan.loss, "training samples");
    if (training.hasError()) {
        return training.error();
    }
    Result<BoundSamples> judging = bind(graph, plan.judging, plan.loss, "search split");
    if (judging.hasError()) {
        return judging.error();
    }
    const LossKind loss = plan.loss;
    Trainer trainer(std::make_unique<Impl>(std::move(plan), std::move(program).value(),
                                           batches.value(), training.value(), judging.value()));
    const TrainingLoop& loop = trainer.m_impl->loop;
    if (!loop.hasWork()) {
        return Error{"there is nothing to train: every layer is locked to float", "training",
                     "choose a design with rounded weights or inputs"};
    }
    for (const auto& [samples, where] : {std::pair{&training.value(), "training samples"},
                                         std::pair{&judging.value(), "search split"}}) {
        if (const Result<void> checked = checkLabels(loop, *samples, loss, where);
            checked.hasError()) {
            return checked.error();
        }
    }
    return trainer;
}

Result<void> Trainer::restore(const TrainingState& state) {
    return m_impl->loop.restore(toTensors(state));
}

Result<JobOutcome> Trainer::run(const TrainingControl& control) {
    return m_impl->loop.run(control);
}

Result<std::vector<LayerFisher>> Trainer::fisherTraces() {
    return m_impl->loop.fisherTraces();
}

TrainingState Trainer::state() const {
    return toState(m_impl->loop.state());
}

const std::vector<EpochRecord>& Trainer::epochs() const {
    return m_impl->loop.records();
}

TrainedTensors Trainer::result() const {
    return m_impl->loop.result();
}

Result<Array> Trainer::outputs(const std::map<std::string, Array>& inputs) const {
    const Result<std::vector<Array>> bound = bindInputs(m_impl->loop.programGraph(), inputs);
    return bound.hasError() ? Result<Array>(bound.error()) : m_impl->loop.outputs(bound.value());
}

}  // namespace bitloupe::execution
