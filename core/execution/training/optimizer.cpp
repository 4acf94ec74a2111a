// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/optimizer.h"

#include <cmath>

namespace bitloupe::execution {

namespace {

constexpr double kEpsilon = 1e-8;
constexpr const char* kSteps = "optimizer/steps";

std::string firstName(const TrainedTensor& tensor) {
    return "optimizer/first/" + tensor.key;
}
std::string secondName(const TrainedTensor& tensor) {
    return "optimizer/second/" + tensor.key;
}

}  // namespace

Optimizer::Optimizer(const TrainingSettings& settings, std::vector<TrainedTensor> tensors)
    : m_settings(settings), m_tensors(std::move(tensors)), m_memories(m_tensors.size()) {}

void Optimizer::clearGradients() {
    for (TrainedTensor& tensor : m_tensors) {
        tensor.value.mutable_grad().reset();
    }
}

void Optimizer::conditionGradients() {
    const at::NoGradGuard guard;
    double squares = 0;
    for (const TrainedTensor& tensor : m_tensors) {
        at::Tensor gradient = tensor.value.grad();
        if (!gradient.defined()) {
            continue;
        }
        if (m_settings.l1 > 0 && tensor.decays) {
            gradient.add_(at::sign(tensor.value), m_settings.l1);
        }
        if (m_settings.clipNorm > 0) {
            squares += gradient.to(at::kDouble).square().sum().item<double>();
        }
    }
    const double norm = std::sqrt(squares);
    if (m_settings.clipNorm <= 0 || norm <= m_settings.clipNorm) {
        return;
    }
    for (const TrainedTensor& tensor : m_tensors) {
        at::Tensor gradient = tensor.value.grad();
        if (gradient.defined()) {
            gradient.mul_(m_settings.clipNorm / norm);
        }
    }
}

void Optimizer::stepSgd(const TrainedTensor& tensor, Memory& memory, double rate) const {
    at::Tensor value = tensor.value;
    at::Tensor direction = value.grad();
    if (m_settings.weightDecay > 0 && tensor.decays) {
        direction = direction + value * m_settings.weightDecay;
    }
    if (m_settings.momentum > 0) {
        if (memory.first.defined()) {
            memory.first.mul_(m_settings.momentum).add_(direction);
        } else {
            memory.first = direction.clone();
        }
        direction =
            m_settings.nesterov ? direction + memory.first * m_settings.momentum : memory.first;
    }
    value.sub_(direction, rate);
}

void Optimizer::stepAdam(const TrainedTensor& tensor, Memory& memory, double rate) const {
    at::Tensor value = tensor.value;
    at::Tensor gradient = value.grad();
    if (m_settings.weightDecay > 0 && tensor.decays) {
        if (m_settings.optimizer == OptimizerKind::AdamW) {
            value.mul_(1 - rate * m_settings.weightDecay);
        } else {
            gradient = gradient + value * m_settings.weightDecay;
        }
    }
    if (!memory.first.defined()) {
        memory.first = at::zeros_like(value);
        memory.second = at::zeros_like(value);
    }
    memory.first.mul_(m_settings.beta1).add_(gradient, 1 - m_settings.beta1);
    memory.second.mul_(m_settings.beta2).addcmul_(gradient, gradient, 1 - m_settings.beta2);
    const auto steps = static_cast<double>(m_steps);
    const double firstShare = 1 - std::pow(m_settings.beta1, steps);
    const double secondShare = 1 - std::pow(m_settings.beta2, steps);
    const at::Tensor spread = memory.second.sqrt().div_(std::sqrt(secondShare)).add_(kEpsilon);
    value.addcdiv_(memory.first, spread, -rate / firstShare);
}

void Optimizer::step(double learningRate) {
    const at::NoGradGuard guard;
    ++m_steps;
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        if (!m_tensors[i].value.grad().defined()) {
            continue;
        }
        if (m_settings.optimizer == OptimizerKind::Sgd) {
            stepSgd(m_tensors[i], m_memories[i], learningRate);
        } else {
            stepAdam(m_tensors[i], m_memories[i], learningRate);
        }
    }
}

void Optimizer::save(std::map<std::string, at::Tensor>& tensors) const {
    tensors[kSteps] = at::full({1}, m_steps, at::kLong);
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        if (m_memories[i].first.defined()) {
            tensors[firstName(m_tensors[i])] = m_memories[i].first.clone();
        }
        if (m_memories[i].second.defined()) {
            tensors[secondName(m_tensors[i])] = m_memories[i].second.clone();
        }
    }
}

void Optimizer::load(const std::map<std::string, at::Tensor>& tensors) {
    const auto copyOf = [&tensors](const std::string& name) {
        const auto found = tensors.find(name);
        return found == tensors.end() ? at::Tensor() : found->second.clone();
    };
    m_steps = tensors.at(kSteps).item<std::int64_t>();
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        m_memories[i] = {copyOf(firstName(m_tensors[i])), copyOf(secondName(m_tensors[i]))};
    }
}

}  // namespace bitloupe::execution
