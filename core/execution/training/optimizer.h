// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "core/execution/training/training_settings.h"

namespace bitloupe::execution {

/// A tensor that training changes: a leaf that asks for gradients.
struct TrainedTensor {
    std::string key;  ///< unique; its name in a checkpoint
    at::Tensor value;
    bool decays = false;  ///< weight decay and L1 act on it
};

/// SGD (with momentum, Nesterov), Adam (Kingma and Ba, ICLR 2015) and AdamW (Loshchilov and Hutter,
/// ICLR 2019), with the definitions of torch.optim.
class Optimizer {
public:
    Optimizer(const TrainingSettings& settings, std::vector<TrainedTensor> tensors);

    [[nodiscard]] const std::vector<TrainedTensor>& tensors() const { return m_tensors; }
    void clearGradients();
    /// Adds the L1 term to the gradients, then clips them.
    void conditionGradients();
    void step(double learningRate);

    /// What it remembers, as tensors named after the keys; load() takes them back.
    void save(std::map<std::string, at::Tensor>& tensors) const;
    void load(const std::map<std::string, at::Tensor>& tensors);

private:
    struct Memory {
        at::Tensor first;   ///< momentum, or mean of the gradients
        at::Tensor second;  ///< mean of their squares
    };
    void stepSgd(const TrainedTensor& tensor, Memory& memory, double rate) const;
    void stepAdam(const TrainedTensor& tensor, Memory& memory, double rate) const;

    TrainingSettings m_settings;
    std::vector<TrainedTensor> m_tensors;
    std::vector<Memory> m_memories;
    std::int64_t m_steps = 0;
};

}  // namespace bitloupe::execution
