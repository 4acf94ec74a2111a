// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/training_graph.h"

#include <algorithm>
#include <set>

#include "core/execution/tensor_bridge.h"
#include "core/execution/training/fake_quantize.h"
#include "core/execution/training/training_kernels.h"
#include "core/network/parameters.h"

namespace bitloupe::execution {

namespace {

constexpr const char* kParameter = "parameter/";
constexpr const char* kStatistic = "statistic/";

std::span<const float> valuesOf(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Weights and biases of frozen layers.
std::set<std::string> frozenNames(const TrainingPlan& plan) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        if (plan.layers[i].isFrozen) {
            names.insert(plan.network->layers[i].weight);
            names.insert(plan.network->layers[i].bias);
        }
    }
    return names;
}

bool follows(const Step& step, const std::vector<bool>& changed) {
    return std::any_of(step.outputs.begin(), step.outputs.end(), [&](Edge edge) {
        return edge != kNoEdge && changed[static_cast<std::size_t>(edge)];
    });
}

}  // namespace

void watchGradient(at::Tensor& operand) {
    if (!operand.is_floating_point()) {
        return;
    }
    operand = operand.requires_grad() ? operand.view_as(operand)
                                      : operand.detach().set_requires_grad(true);
    operand.retain_grad();
}

at::Tensor TrainingGraph::Rounded::apply(const at::Tensor& x, double elements, double done) const {
    const at::Tensor factors =
        scales.defined() && rounding->learnsScales ? at::exp(scales) : scales;
    return fakeQuantize(x.to(at::kFloat), factors, scaleOf, *rounding, elements, done);
}

std::vector<float> TrainingGraph::Rounded::values() const {
    if (!scales.defined()) {
        return {};
    }
    const at::NoGradGuard guard;
    const at::Tensor factors = (rounding->learnsScales ? at::exp(scales) : scales).contiguous();
    const std::span<const float> all = valuesOf(factors);
    return {all.begin(), all.end()};
}

TrainingGraph::TrainingGraph(const TrainingPlan& plan, std::shared_ptr<const Program> program)
    : m_plan(plan), m_program(std::move(program)), m_places(plan.network, m_program) {
    addParameters();
    if (plan.fromNothing) {
        addStatistics();
    }
    addLayers();
}

void TrainingGraph::addParameters() {
    const std::set<std::string> frozen = frozenNames(m_plan);
    std::vector<bool> changed(m_program->edgeCount(), false);
    for (const std::string& name : network::parameterNames(*m_plan.network->graph)) {
        const Array& array = m_plan.network->graph->initializers.at(name);
        if (array.type() != ElementType::Float32 || frozen.contains(name)) {
            continue;
        }
        const Edge edge = m_program->edge(name);
        TrainedTensor tensor{kParameter + name, borrowTensor(array).clone(),
                             array.shape().size() >= 2};
        tensor.value.set_requires_grad(true);
        m_stored[edge] = tensor.value;
        m_trained.push_back(std::move(tensor));
        const std::vector<bool> dependents = m_program->dependents(edge);
        std::transform(changed.begin(), changed.end(), dependents.begin(), changed.begin(),
                       std::logical_or<>());
    }
    for (const Step& step : m_program->foldedSteps()) {
        if (follows(step, changed)) {
            m_refolded.push_back(&step);
        }
    }
}

void TrainingGraph::addStatistics() {
    const network::Graph& graph = *m_plan.network->graph;
    for (const network::Node& node : graph.nodes) {
        if (node.operatorType != "BatchNormalization") {
            continue;
        }
        for (const std::size_t input : {std::size_t{3}, std::size_t{4}}) {
            const auto found = graph.initializers.find(node.inputs.at(input));
            if (found == graph.initializers.end()) {
                continue;
            }
            const at::Tensor value = borrowTensor(found->second).clone();
            m_stored[m_program->edge(found->first)] = value;
            m_statistics.push_back({kStatistic + found->first, value, false});
        }
    }
}

TrainingGraph::Rounded TrainingGraph::makeRounded(const TensorRounding& rounding,
                                                  const std::string& key) {
    Rounded rounded{&rounding, {}, {}, key};
    if (rounding.scales.empty()) {
        return rounded;
    }
    rounded.scales = at::tensor(rounding.scales, at::kFloat);
    if (rounding.scales.size() > 1) {
        rounded.scaleOf = at::tensor(rounding.scaleOf, at::kLong);
    }
    if (rounding.learnsScales) {
        rounded.scales = at::log(rounded.scales);
        rounded.scales.set_requires_grad(true);
        m_trained.push_back({key, rounded.scales, false});
    }
    return rounded;
}

void TrainingGraph::addLayers() {
    m_layers.resize(m_plan.layers.size());
    for (std::size_t i = 0; i < m_plan.layers.size(); ++i) {
        const LayerTraining& layer = m_plan.layers[i];
        const LayerPlace& place = m_places.places()[i];
        const std::string key = "scale/" + std::to_string(i);
        if (layer.weights && place.weightPosition != kNone) {
            m_layers[i].weights = makeRounded(*layer.weights, key + "/weights");
            const std::vector<bool> changed = m_program->dependents(place.initializer);
            for (const Step& step : m_program->foldedSteps()) {
                if (follows(step, changed)) {
                    m_layers[i].path.push_back(&step);
                }
            }
        }
        if (layer.input && place.inputPosition != kNone) {
            m_layers[i].input = makeRounded(*layer.input, key + "/input");
        }
        if (layer.second && place.secondPosition != kNone) {
            m_layers[i].second = makeRounded(*layer.second, key + "/second");
        }
    }
}

Result<void> TrainingGraph::store(const Step& step, const Tensors& inputs, Tensors& values) const {
    Result<Tensors> made = m_program->invoke(step, inputs);
    if (made.hasError()) {
        return made.error();
    }
    for (std::size_t i = 0; i < step.outputs.size(); ++i) {
        if (step.outputs[i] != kNoEdge) {
            values[static_cast<std::size_t>(step.outputs[i])] = made.value()[i];
        }
    }
    return {};
}

/// The rounded weight as the layer's step reads it. Other readers of the same stored weight keep
/// theirs: what the path overwrites in `values` is put back.
Result<at::Tensor> TrainingGraph::weightOperand(std::size_t layer, double done,
                                                Tensors& values) const {
    const LayerPlace& place = m_places.places()[layer];
    const LayerParts& parts = m_layers[layer];
    const auto initializer = static_cast<std::size_t>(place.initializer);
    const at::Tensor weight = values[initializer];
    const double share =
        static_cast<double>(weight.numel()) /
        static_cast<double>(std::max<std::size_t>(1, parts.weights->rounding->scales.size()));
    const at::Tensor rounded = parts.weights->apply(weight, share, done);
    const Edge operand = m_program->steps()[place.step].inputs[place.weightPosition];
    if (operand == place.initializer) {
        return rounded;
    }
    Tensors kept;
    for (const Step* step : parts.path) {
        for (const Edge edge : step->outputs) {
            kept.push_back(edge == kNoEdge ? at::Tensor() : values[static_cast<std::size_t>(edge)]);
        }
    }
    values[initializer] = rounded;
    for (const Step* step : parts.path) {
        if (const Result<void> made = store(*step, gatherInputs(*step, values), values);
            made.hasError()) {
            return made.error();
        }
    }
    const at::Tensor result = values[static_cast<std::size_t>(operand)];
    values[initializer] = weight;
    std::size_t next = 0;
    for (const Step* step : parts.path) {
        for (const Edge edge : step->outputs) {
            if (edge != kNoEdge) {
                values[static_cast<std::size_t>(edge)] = kept[next];
            }
            ++next;
        }
    }
    return result;
}

void TrainingGraph::roundOperand(const Rounded& rounded, double done, at::Tensor& operand) {
    const std::int64_t samples =
        operand.dim() == 0 ? 1 : std::max<std::int64_t>(1, operand.size(0));
    operand = rounded.apply(
        operand, static_cast<double>(operand.numel()) / static_cast<double>(samples), done);
}

Result<void> TrainingGraph::applyRoundings(std::size_t layer, double done, Tensors& values,
                                           Tensors& inputs) const {
    const LayerPlace& place = m_places.places()[layer];
    const LayerParts& parts = m_layers[layer];
    if (parts.weights) {
        const Result<at::Tensor> operand = weightOperand(layer, done, values);
        if (operand.hasError()) {
            return operand.error();
        }
        inputs[place.weightPosition] = operand.value();
    }
    if (parts.input) {
        roundOperand(*parts.input, done, inputs[place.inputPosition]);
    }
    if (parts.second) {
        roundOperand(*parts.second, done, inputs[place.secondPosition]);
    }
    return {};
}

Result<Tensors> TrainingGraph::runStep(const Step& step, const Tensors& inputs,
                                       const Run& run) const {
    const network::Node& node = m_plan.network->graph->nodes[step.node];
    if (run.trains && m_plan.fromNothing && behavesOtherwiseInTraining(node)) {
        return Tensors{runAsInTraining(node, inputs, run.seed + step.node)};
    }
    Result<Tensors> made = m_program->invoke(step, inputs);
    if (run.handsGradientsOn && made.hasValue() && isActivationFunction(node) &&
        inputs.front().requires_grad() && made.value().front().sizes() == inputs.front().sizes()) {
        at::Tensor& value = made.value().front();
        value = inputs.front() + (value - inputs.front()).detach();
    }
    return made;
}

Result<at::Tensor> TrainingGraph::forward(const Tensors& inputs, const Run& run) const {
    Tensors values = m_program->constants();
    for (const auto& [edge, tensor] : m_stored) {
        values[static_cast<std::size_t>(edge)] = tensor;
    }
    for (const Step* step : m_refolded) {
        if (const Result<void> done = store(*step, gatherInputs(*step, values), values);
            done.hasError()) {
            return done.error();
        }
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        values[static_cast<std::size_t>(m_program->inputs()[i])] = inputs[i];
    }
    for (std::size_t i = 0; i < m_program->steps().size(); ++i) {
        const Step& step = m_program->steps()[i];
        Tensors operands = gatherInputs(step, values);
        for (const std::size_t layer : m_places.layersOfStep()[i]) {
            const std::size_t place = m_places.places()[layer].inputPosition;
            if (run.visitInput && place != kNone) {
                run.visitInput(layer, operands[place]);
            }
            if (layer >= m_layers.size()) {
                continue;
            }
            if (const Result<void> done = applyRoundings(layer, run.done, values, operands);
                done.hasError()) {
                return done.error();
            }
        }
        Result<Tensors> made = runStep(step, operands, run);
        if (made.hasError()) {
            return made.error();
        }
        for (std::size_t k = 0; k < step.outputs.size(); ++k) {
            if (step.outputs[k] == kNoEdge) {
                continue;
            }
            at::Tensor& value = values[static_cast<std::size_t>(step.outputs[k])];
            value = made.value()[k];
            if (run.trains && run.pulse && value.requires_grad()) {
                value.register_hook([pulse = run.pulse](const at::Tensor&) { pulse(); });
            }
        }
        for (const Edge edge : step.lastUses) {
            values[static_cast<std::size_t>(edge)].reset();
        }
        if (run.pulse) {
            run.pulse();
        }
    }
    return values[static_cast<std::size_t>(m_program->outputs().front())];
}

void TrainingGraph::rescale() {
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        if (!m_layers[i].weights) {
            continue;
        }
        Rounded& weights = *m_layers[i].weights;
        const auto stored = m_stored.find(m_places.places()[i].initializer);
        if (stored == m_stored.end() || weights.rounding->learnsScales ||
            !weights.rounding->rescale || !weights.scales.defined()) {
            continue;
        }
        const at::NoGradGuard guard;
        weights.scales.copy_(
            at::tensor(weights.rounding->rescale(valuesOf(stored->second)), at::kFloat));
    }
}

void TrainingGraph::save(std::map<std::string, at::Tensor>& tensors) const {
    for (const auto* group : {&m_trained, &m_statistics}) {
        for (const TrainedTensor& tensor : *group) {
            tensors[tensor.key] = tensor.value.detach().clone();
        }
    }
    for (const LayerParts& layer : m_layers) {
        layer.forEach([&tensors](const Rounded& rounded) {
            if (rounded.scales.defined()) {
                tensors[rounded.key] = rounded.scales.detach().clone();
            }
        });
    }
}

void TrainingGraph::load(const std::map<std::string, at::Tensor>& tensors) {
    const at::NoGradGuard guard;
    const auto take = [&tensors](const std::string& key, const at::Tensor& into) {
        at::Tensor target = into;  // the same memory
        target.copy_(tensors.at(key));
    };
    for (const auto* group : {&m_trained, &m_statistics}) {
        for (const TrainedTensor& tensor : *group) {
            take(tensor.key, tensor.value);
        }
    }
    for (const LayerParts& layer : m_layers) {
        layer.forEach([&take](const Rounded& rounded) {
            if (rounded.scales.defined()) {
                take(rounded.key, rounded.scales);
            }
        });
    }
}

TrainedTensors TrainingGraph::result() const {
    TrainedTensors result;
    for (const auto& [edge, tensor] : m_stored) {
        result.initializers[m_program->edgeNames()[static_cast<std::size_t>(edge)]] =
            toArray(tensor.detach());
    }
    for (const LayerParts& layer : m_layers) {
        const auto valuesOr = [](const std::optional<Rounded>& rounded) {
            return rounded ? rounded->values() : std::vector<float>();
        };
        result.scales.push_back(
            {valuesOr(layer.weights), valuesOr(layer.input), valuesOr(layer.second)});
    }
    return result;
}

}  // namespace bitloupe::execution
