// SPDX-License-Identifier: Apache-2.0
#include "core/study/fit.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "core/base/text.h"
#include "core/data/sample_reader.h"
#include "core/data/sample_store.h"

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

/// Whether the network wants the channels of images last (as Keras does) and the data has them
/// first.
bool wantsChannelsLast(const Sizes& wanted, const Sizes& given) {
    return wanted.size() == 3 && given.size() == 3 && agree(wanted, {given[1], given[2], given[0]});
}

Result<Array> channelsLast(const Array& samples) {
    const Shape& from = samples.shape();
    const std::int64_t pixels = from[2] * from[3];
    constexpr std::size_t kMostInMemory = std::size_t{512} << 20U;
    Result<data::SampleStore> store =
        data::SampleStore::make(ElementType::Float32, {from[0], from[2], from[3], from[1]},
                                samples.bytes().size() > kMostInMemory);
    if (store.hasError()) {
        return store.error();
    }
    const std::span<const float> in = samples.as<float>();
    const std::span<float> out = store.value().floats();
    for (std::int64_t plane = 0; plane < from[0] * from[1]; ++plane) {
        const std::int64_t sample = plane / from[1];
        const std::int64_t channel = plane % from[1];
        for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
            out[static_cast<std::size_t>((sample * pixels + pixel) * from[1] + channel)] =
                in[static_cast<std::size_t>(plane * pixels + pixel)];
        }
    }
    return store.value().array();
}

/// The samples in the network's own element type. Errors: fractions for whole numbers.
Result<Array> inTypeOf(const Array& samples, const network::ValueInfo& input,
                       const std::string& where) {
    const bool known = input.type == ElementType::Float32 || input.type == ElementType::Float64 ||
                       input.type == ElementType::Int32 || input.type == ElementType::Int64 ||
                       input.type == ElementType::Bool;
    if (!known) {
        return Error{"the network takes " + std::string(elementTypeName(input.type)) + " values",
                     where, "give a network that takes float32, int64, int32 or bool"};
    }
    const bool whole = input.type == ElementType::Int32 || input.type == ElementType::Int64;
    if (whole && samples.type() == ElementType::Float32) {
        const std::span<const float> values = samples.as<float>();
        if (std::any_of(values.begin(), values.end(),
                        [](float value) { return value != std::floor(value); })) {
            return Error{"the network takes whole numbers, the data has fractions", where,
                         "give the data this network was trained for"};
        }
    }
    return data::converted(samples, input.type);
}

Result<Array> fitSamples(const Array& samples, const network::ValueInfo& input,
                         const std::string& dataName) {
    if (input.shape.empty()) {
        return samples;  // the file leaves the shape open; running will tell
    }
    const Sizes wanted = sampleSizes(input);
    const Sizes given = sampleSizes(samples);
    const std::optional<Sizes> fitting = reshapeTo(wanted, given);
    if (!fitting.has_value() && samples.type() == ElementType::Float32 &&
        wantsChannelsLast(wanted, given)) {
        return channelsLast(samples);
    }
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
    if (!outputs.has_value() || data.splits.empty()) {
        return {};
    }
    const std::int64_t targets =
        std::max<std::int64_t>(1, data.splits.begin()->second.targetsPerSample());
    if (data.task == data::Task::Regression && *outputs != targets) {
        return Error{
            "the network has " + std::to_string(*outputs) + " outputs, the data " +
                (targets == 1 ? "one target" : std::to_string(targets) + " targets") + " a sample",
            "data `" + data.name + "`", "set `task: classification` if the target is a class"};
    }
    for (const auto& [role, samples] : data.splits) {
        const auto highest = std::max_element(samples.labels.begin(), samples.labels.end());
        // One output stands for two classes: below and above a threshold.
        if (highest != samples.labels.end() && *highest >= std::max<std::int64_t>(*outputs, 2)) {
            const auto place = (highest - samples.labels.begin()) / samples.labelsPerSample();
            return Error{"the label " + std::to_string(*highest) +
                             " is out of range: the network has " + std::to_string(*outputs) +
                             " outputs",
                         "data `" + data.name + "`, " + std::string(data::roleName(role)) +
                             " split, sample " + std::to_string(place),
                         "give the data this network was trained for"};
        }
    }
    return {};
}

std::vector<std::string> namesOf(const std::map<std::string, Array>& inputs) {
    std::vector<std::string> names;
    names.reserve(inputs.size());
    for (const auto& [name, array] : inputs) {
        names.push_back(name.empty() ? "samples" : name);
    }
    return names;
}

/// For each input of the network the array that it takes: the one of its name; the only one for the
/// only input; else the only one left that has its shape.
Result<std::vector<std::string>> matchInputs(const std::map<std::string, Array>& arrays,
                                             const network::Graph& graph,
                                             const std::string& dataName) {
    std::vector<std::string> matches;
    std::set<std::string> taken;
    for (const network::ValueInfo& input : graph.inputs) {
        if (arrays.contains(input.name)) {
            taken.insert(input.name);
        }
    }
    for (const network::ValueInfo& input : graph.inputs) {
        if (arrays.contains(input.name)) {
            matches.push_back(input.name);
            continue;
        }
        std::vector<std::string> candidates;
        for (const auto& [name, array] : arrays) {
            const bool fits = reshapeTo(sampleSizes(input), sampleSizes(array)).has_value();
            if (!taken.contains(name) && (arrays.size() == 1 || fits)) {
                candidates.push_back(name);
            }
        }
        if (candidates.size() != 1) {
            return Error{"the network's input `" + input.name + "` has no data",
                         "data `" + dataName + "`, which has " + text::join(namesOf(arrays), ", "),
                         "name what it is read from under `inputs` in a description of the data"};
        }
        taken.insert(candidates.front());
        matches.push_back(candidates.front());
    }
    return matches;
}

Result<std::map<std::string, Array>> fitInputs(const std::map<std::string, Array>& arrays,
                                               const network::Graph& graph,
                                               const std::string& dataName) {
    const Result<std::vector<std::string>> matches = matchInputs(arrays, graph, dataName);
    if (matches.hasError()) {
        return matches.error();
    }
    std::map<std::string, Array> fitted;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
        const network::ValueInfo& input = graph.inputs[i];
        const Result<Array> shaped = fitSamples(arrays.at(matches.value()[i]), input, dataName);
        if (shaped.hasError()) {
            return shaped.error();
        }
        Result<Array> array = inTypeOf(
            shaped.value(), input, "data `" + dataName + "`, network input `" + input.name + "`");
        if (array.hasError()) {
            return array.error();
        }
        fitted.emplace(input.name, std::move(array).value());
    }
    return fitted;
}

}  // namespace

Result<data::DataSet> fitToNetwork(const data::DataSet& data, const network::Graph& graph) {
    if (graph.inputs.empty()) {
        return Error{"the network has no input", "network `" + graph.name + "`",
                     "give a network with inputs"};
    }
    data::DataSet fitted = data;
    for (auto& [role, samples] : fitted.splits) {
        Result<std::map<std::string, Array>> inputs = fitInputs(samples.inputs, graph, data.name);
        if (inputs.hasError()) {
            return inputs.error();
        }
        samples.inputs = std::move(inputs).value();
    }
    const Result<void> labels = checkLabels(fitted, graph);
    return labels.hasError() ? Result<data::DataSet>(labels.error())
                             : Result<data::DataSet>(std::move(fitted));
}

}  // namespace bitloupe::study
