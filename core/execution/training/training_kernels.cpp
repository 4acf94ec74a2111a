// SPDX-License-Identifier: Apache-2.0
#include "core/execution/training/training_kernels.h"

#include <ATen/CPUGeneratorImpl.h>

#include <array>
#include <string_view>

#include "core/network/graph_index.h"

namespace bitloupe::execution {

namespace {

constexpr double kMomentum = 0.1;  // of the running statistics, as PyTorch has it

at::Tensor normalizeBatch(const network::Node& node, std::span<const at::Tensor> inputs) {
    const double epsilon = network::attributeOr(node, "epsilon", 1e-5F);
    return at::batch_norm(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4],
                          /*training=*/true, kMomentum, epsilon, /*cudnn_enabled=*/false);
}

double droppedShare(const network::Node& node, std::span<const at::Tensor> inputs) {
    const at::Tensor ratio = optionalInput(inputs, 1);
    return ratio.defined() ? ratio.item<double>()
                           : static_cast<double>(network::attributeOr(node, "ratio", 0.5F));
}

at::Tensor drop(const at::Tensor& x, double share, std::uint64_t seed) {
    if (share <= 0) {
        return x;
    }
    const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const at::Tensor kept = at::empty_like(x).bernoulli_(1 - share, generator);
    return x * (kept / (1 - share));
}

}  // namespace

bool isActivationFunction(const network::Node& node) {
    constexpr std::array<std::string_view, 18> kFunctions = {
        "Celu",      "Clip", "Elu",      "Gelu",      "HardSigmoid", "HardSwish",
        "LeakyRelu", "Mish", "PRelu",    "QuickGelu", "Relu",        "Relu6",
        "Sigmoid",   "Selu", "Softplus", "Softsign",  "Tanh",        "ThresholdedRelu"};
    return std::find(kFunctions.begin(), kFunctions.end(), node.operatorType) != kFunctions.end();
}

bool behavesOtherwiseInTraining(const network::Node& node) {
    return node.domain.empty() &&
           (node.operatorType == "BatchNormalization" || node.operatorType == "Dropout");
}

at::Tensor runAsInTraining(const network::Node& node, std::span<const at::Tensor> inputs,
                           std::uint64_t seed) {
    return node.operatorType == "Dropout" ? drop(inputs[0], droppedShare(node, inputs), seed)
                                          : normalizeBatch(node, inputs);
}

}  // namespace bitloupe::execution
