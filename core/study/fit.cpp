// SPDX-License-Identifier: Apache-2.0
#include "core/study/fit.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "core/base/text.h"

namespace bitloupe::study {
namespace {

/// Sizes of one sample, the first dimension (samples) left out.
using Sizes = std::vector<std::optional<std::int64_t>>;

std::string textOf(const Sizes& sizes) {
    std::vector<std::string> parts;
    for (const std::optional<std::int64_t>& size : sizes) {
        parts.push_back(size.has_value() ? std::to_string(*size) : "?");
    }
    return parts.empty() ? "1" : text::join(parts, "x");
}

Sizes sampleSizes(const network::ValueInfo& value) {
    Sizes sizes;
    for (std::size_t i = 1; i < value.shape.size(); ++i) {
        sizes.push_back(value.shape[i].value);
    }
    return sizes;
}

Sizes sampleSizes(const Array& samples) {
    return {samples.shape().begin() + 1, samples.shape().end()};
}

bool agree(const Sizes& wanted, const Sizes& given) {
    return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                      [](const auto& a, const auto& b) { return !a.has_value() || a == b; });
}

Sizes withoutOnes(const Sizes& sizes) {
    Sizes rest;
    std::copy_if(sizes.begin(), sizes.end(), std::back_inserter(rest),
                 [](const auto& size) { return size != std::optional<std::int64_t>(1); });
    return rest;
}

std::optional<std::int64_t> product(const Sizes& sizes) {
    std::int64_t product = 1;
    for (const std::optional<std::int64_t>& size : sizes) {
        if (!size.has_value()) {
            return std::nullopt;
        }
        product *= *size;
    }
    return product;
}

/// The shape one sample of `given` takes for the network, when its elements may stay in order.
std::optional<Sizes> reshapeTo(const Sizes& wanted, const Sizes& given) {
    if (agree(wanted, given)) {
        return given;
    }
    if (!product(wanted).has_value() || product(wanted) != product(given)) {
        return std::nullopt;
    }
    const bool oneIsFlat = withoutOnes(wanted).size() <= 1 || withoutOnes(given).size() <= 1;
    return oneIsFlat || withoutOnes(wanted) == withoutOnes(given) ? std::optional<Sizes>(wanted)
                                                                  : std::nullopt;
}

Result<Array> fitSamples(const Array& samples, const network::ValueInfo& input,
                         const std::string& dataName) {
    if (input.shape.empty()) {
        return samples;  // the file leaves the shape open; running will tell
    }
    const Sizes wanted = sampleSizes(input);
    const Sizes given = sampleSizes(samples);
    const std::optional<Sizes> fitting = reshapeTo(wanted, given);
    if (!fitting.has_value()) {
        const bool sameSize = product(wanted).has_value() && product(wanted) == product(given);
        return Error{
            "the network takes samples of " + textOf(wanted) + ", the data has " + textOf(given),
            "data `" + dataName + "`, network input `" + input.name + "`",
            sameSize ? "bring the axes of the data into the network's order"
                     : "give the data this network was trained for"};
    }
    Shape shape = {samples.shape().front()};
    for (const std::optional<std::int64_t>& size : *fitting) {
        shape.push_back(size.value_or(0));
    }
    return samples.reshaped(shape);
}

/// Values of the network's first output for one sample, where the file tells.
std::optional<std::int64_t> outputCount(const network::Graph& graph) {
    if (graph.outputs.empty() || graph.outputs.front().shape.size() < 2) {
        return std::nullopt;
    }
    return product(sampleSizes(graph.outputs.front()));
}

Result<void> checkLabels(const data::DataSet& data, const network::Graph& graph) {
    const std::optional<std::int64_t> outputs = outputCount(graph);
    if (!outputs.has_value()) {
        return {};
    }
    if (data.task == data::Task::Regression && *outputs != 1) {
        return Error{"the network has " + std::to_string(*outputs) +
                         " outputs, the data one target a sample",
                     "data `" + data.name + "`",
                     "set `task: classification` if the target is a class"};
    }
    for (const auto& [role, samples] : data.splits) {
        const auto highest = std::max_element(samples.labels.begin(), samples.labels.end());
        // One output stands for two classes: below and above a threshold.
        if (highest != samples.labels.end() && *highest >= std::max<std::int64_t>(*outputs, 2)) {
            return Error{"the label " + std::to_string(*highest) +
                             " is out of range: the network has " + std::to_string(*outputs) +
                             " outputs",
                         "data `" + data.name + "`, " + std::string(data::roleName(role)) +
                             " split, sample " + std::to_string(highest - samples.labels.begin()),
                         "give the data this network was trained for"};
        }
    }
    return {};
}

}  // namespace

Result<data::DataSet> fitToNetwork(const data::DataSet& data, const network::Graph& graph) {
    if (graph.inputs.size() != 1) {
        return Error{
            "the network has " + std::to_string(graph.inputs.size()) + " inputs, the data one",
            "network `" + graph.name + "`", "give a network with one input"};
    }
    const network::ValueInfo& input = graph.inputs.front();
    if (input.type != ElementType::Float32) {
        return Error{"the network takes " + std::string(elementTypeName(input.type)) +
                         " values, the data has float32",
                     "network input `" + input.name + "`", "give a network that takes float32"};
    }
    data::DataSet fitted = data;
    for (auto& [role, samples] : fitted.splits) {
        Result<Array> array = fitSamples(samples.inputs.begin()->second, input, data.name);
        if (array.hasError()) {
            return array.error();
        }
        samples.inputs = {{input.name, std::move(array).value()}};
    }
    const Result<void> labels = checkLabels(fitted, graph);
    return labels.hasError() ? Result<data::DataSet>(labels.error())
                             : Result<data::DataSet>(std::move(fitted));
}

}  // namespace bitloupe::study
