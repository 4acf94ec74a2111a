// SPDX-License-Identifier: Apache-2.0
#include "resources/generator/training.h"

#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>
#include <stdexcept>

namespace bitloupe::generator {
namespace {

using Weights = std::map<std::string, torch::Tensor>;

torch::Tensor tensorOf(const Array& array) {
    const std::span<const float> values = array.as<float>();
    return torch::from_blob(const_cast<float*>(values.data()), array.shape(), torch::kFloat32)
        .clone();
}

Weights weightsOf(const network::Graph& graph) {
    Weights weights;
    for (const auto& [name, array] : graph.initializers) {
        weights[name] = tensorOf(array);
    }
    return weights;
}

std::vector<std::int64_t> integers(const network::Node& node, const std::string& name) {
    return std::get<std::vector<std::int64_t>>(node.attributes.at(name));
}

torch::Tensor runNode(const network::Node& node, const Weights& weights, const torch::Tensor& x) {
    const auto operand = [&](std::size_t index) {
        return index < node.inputs.size() ? weights.at(node.inputs[index]) : torch::Tensor();
    };
    if (node.operatorType == "Conv") {
        const std::vector<std::int64_t> pads = integers(node, "pads");
        return torch::conv2d(x, operand(1), operand(2), integers(node, "strides"),
                             {pads.at(0), pads.at(1)});
    }
    if (node.operatorType == "AveragePool") {
        return torch::avg_pool2d(x, integers(node, "kernel_shape"), integers(node, "strides"));
    }
    if (node.operatorType == "Relu") {
        return torch::relu(x);
    }
    if (node.operatorType == "Flatten") {
        return torch::flatten(x, 1);
    }
    if (node.operatorType == "Gemm") {
        return torch::addmm(operand(2), x, operand(1).t());
    }
    throw std::logic_error("the generator cannot train a network with " + node.operatorType);
}

torch::Tensor run(const network::Graph& graph, const Weights& weights, torch::Tensor x) {
    for (const network::Node& node : graph.nodes) {
        x = runNode(node, weights, x);
    }
    return x;
}

torch::Tensor labelsOf(const data::Samples& samples) {
    return torch::tensor(samples.labels, torch::kInt64);
}

}  // namespace

network::Graph train(network::Graph graph, const data::Samples& samples,
                     const TrainingSettings& settings) {
    torch::manual_seed(1);
    const torch::Tensor inputs = tensorOf(samples.inputs.begin()->second);
    const torch::Tensor labels = labelsOf(samples);
    Weights weights = weightsOf(graph);
    std::vector<torch::Tensor> parameters;
    for (auto& [name, tensor] : weights) {
        parameters.push_back(tensor.requires_grad_());
    }
    torch::optim::Adam optimizer(
        parameters,
        torch::optim::AdamOptions(settings.learningRate).weight_decay(settings.weightDecay));
    const std::int64_t count = samples.count();
    const double steps = static_cast<double>(settings.epochs) * static_cast<double>(count);
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
        const torch::Tensor order = torch::randperm(count, torch::kInt64);
        double total = 0;
        for (std::int64_t first = 0; first < count; first += settings.batchSize) {
            const double done = (static_cast<double>(epoch) * static_cast<double>(count) +
                                 static_cast<double>(first)) /
                                steps;
            static_cast<torch::optim::AdamOptions&>(optimizer.param_groups()[0].options())
                .lr(settings.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * done)));
            const torch::Tensor batch =
                order.slice(0, first, std::min(first + settings.batchSize, count));
            const torch::Tensor loss = torch::cross_entropy_loss(
                run(graph, weights, inputs.index_select(0, batch)), labels.index_select(0, batch));
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
            total += loss.item<double>() * static_cast<double>(batch.size(0));
        }
        std::fprintf(stderr, "  epoch %d: loss %.4f\n", epoch + 1,
                     total / static_cast<double>(count));
    }
    for (const auto& [name, tensor] : weights) {
        const torch::Tensor values = tensor.detach().contiguous();
        graph.initializers[name] =
            Array::of<float>(graph.initializers.at(name).shape(),
                             std::span<const float>(values.data_ptr<float>(),
                                                    static_cast<std::size_t>(values.numel())));
    }
    return graph;
}

double accuracy(const network::Graph& graph, const data::Samples& samples) {
    const torch::NoGradGuard guard;
    const torch::Tensor outputs =
        run(graph, weightsOf(graph), tensorOf(samples.inputs.begin()->second));
    return outputs.argmax(1).eq(labelsOf(samples)).to(torch::kFloat64).mean().item<double>();
}

}  // namespace bitloupe::generator
