// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <optional>

#include "core/base/text.h"
#include "core/network/architectures/builders.h"
#include "core/network/architectures/graph_builder.h"

namespace bitloupe::network {

namespace {

using Sizes = std::vector<std::int64_t>;

constexpr std::string_view kWeight = ".weight";

/// "net.3" before "net.12": runs of digits are compared as numbers.
bool naturallyBefore(const std::string& a, const std::string& b) {
    const auto isDigit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (!isDigit(a[i]) || !isDigit(b[j])) {
            if (a[i] != b[j]) {
                return a[i] < b[j];
            }
            ++i;
            ++j;
            continue;
        }
        const std::size_t startA = i;
        const std::size_t startB = j;
        while (i < a.size() && isDigit(a[i])) {
            ++i;
        }
        while (j < b.size() && isDigit(b[j])) {
            ++j;
        }
        if (i - startA != j - startB) {
            return i - startA < j - startB;
        }
        const int order = a.compare(startA, i - startA, b, startB, j - startB);
        if (order != 0) {
            return order < 0;
        }
    }
    return a.size() - i < b.size() - j;
}

/// A dense layer of the state dict: its module's name and sizes.
struct Dense {
    std::string module;
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
};

bool isChain(const std::vector<Dense>& layers) {
    for (std::size_t i = 1; i < layers.size(); ++i) {
        if (layers[i].inputs != layers[i - 1].outputs) {
            return false;
        }
    }
    return !layers.empty();
}

/// The dense layers in the order in which each feeds the next: the file's order, else the order of
/// their names (safetensors sorts names as text).
Result<std::vector<Dense>> findDense(const NamedTensors& tensors) {
    std::vector<Dense> layers;
    for (const auto& [name, array] : tensors) {
        if (name.ends_with(kWeight) && array.shape().size() == 2) {
            layers.push_back(
                {name.substr(0, name.size() - kWeight.size()), array.shape()[1], array.shape()[0]});
        }
    }
    if (!isChain(layers)) {
        std::sort(layers.begin(), layers.end(), [](const Dense& a, const Dense& b) {
            return naturallyBefore(a.module, b.module);
        });
    }
    if (!isChain(layers)) {
        return Error{layers.empty() ? "the weights hold no dense layer"
                                    : "the dense layers of the weights do not follow each other",
                     "", "choose the architecture that the weights belong to"};
    }
    return layers;
}

Result<Sizes> parseSizes(const std::string& written) {
    Sizes sizes;
    for (const std::string& part : text::split(written, 'x')) {
        const std::optional<std::int64_t> size = text::parseInteger(part);
        if (!size || *size < 1 || *size > 1'000'000) {
            return Error{"the layer sizes are not written like 16x64x32x5", "layers=" + written,
                         "give the number of inputs, then each layer's outputs"};
        }
        sizes.push_back(*size);
    }
    if (sizes.size() < 2) {
        return Error{"a network needs inputs and at least one layer", "layers=" + written,
                     "give the number of inputs, then each layer's outputs"};
    }
    return sizes;
}

Result<std::string> activationOperator(const std::string& name) {
    const std::map<std::string, std::string> operators = {
        {"relu", "Relu"}, {"tanh", "Tanh"}, {"sigmoid", "Sigmoid"}};
    const auto found = operators.find(name);
    if (found == operators.end()) {
        return Error{"there is no activation of that name", "activation=" + name,
                     "choose relu, tanh or sigmoid"};
    }
    return found->second;
}

/// Layers named after their tensors, or fc1, fc2 ... of the given sizes.
Result<std::vector<Dense>> plan(const std::optional<Sizes>& sizes, const NamedTensors* tensors) {
    std::vector<Dense> layers;
    if (tensors != nullptr) {
        Result<std::vector<Dense>> found = findDense(*tensors);
        if (found.hasError()) {
            return found;
        }
        layers = std::move(found).value();
    }
    if (!sizes) {
        return layers;
    }
    if (tensors != nullptr && layers.size() != sizes->size() - 1) {
        return Error{"the weights have " + std::to_string(layers.size()) + " dense layers where " +
                         std::to_string(sizes->size() - 1) + " are needed",
                     "", "choose the architecture that the weights belong to"};
    }
    layers.resize(sizes->size() - 1);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (layers[i].module.empty()) {
            layers[i].module = "fc" + std::to_string(i + 1);
        }
        layers[i].inputs = (*sizes)[i];
        layers[i].outputs = (*sizes)[i + 1];
    }
    return layers;
}

Result<Graph> buildDense(const std::string& name, const std::optional<Sizes>& sizes,
                         const std::string& activation, const NamedTensors* tensors) {
    const Result<std::vector<Dense>> layers = plan(sizes, tensors);
    if (layers.hasError()) {
        return layers.error();
    }
    GraphBuilder build(name, tensors);
    std::string edge = build.input("input", {layers.value().front().inputs});
    for (std::size_t i = 0; i < layers.value().size(); ++i) {
        const Dense& layer = layers.value()[i];
        if (i > 0) {
            edge = build.add(activation, "activation" + std::to_string(i), {edge});
        }
        edge = build.linear(layer.module, edge, layer.inputs, layer.outputs,
                            build.has(layer.module + ".bias"));
    }
    return build.finish(edge, "logits", {layers.value().back().outputs});
}

}  // namespace

Result<Graph> buildMlp(const ArchitectureParameters& parameters, const NamedTensors* tensors) {
    const auto written = parameters.find("layers");
    std::optional<Sizes> sizes;
    if (written != parameters.end()) {
        Result<Sizes> parsed = parseSizes(written->second);
        if (parsed.hasError()) {
            return parsed.error();
        }
        sizes = std::move(parsed).value();
    } else if (tensors == nullptr) {
        return Error{"the sizes of the layers are not given", "architecture mlp",
                     "write architecture:mlp,layers=16x64x32x5 or name a weights file"};
    }
    const auto activation = parameters.find("activation");
    const Result<std::string> type =
        activationOperator(activation == parameters.end() ? "relu" : activation->second);
    return type.hasError() ? Result<Graph>(type.error())
                           : buildDense("mlp", sizes, type.value(), tensors);
}

Result<Graph> buildJetTagger(const ArchitectureParameters&, const NamedTensors* tensors) {
    return buildDense("jet_tagger", Sizes{16, 64, 32, 32, 5}, "Relu", tensors);
}

}  // namespace bitloupe::network
