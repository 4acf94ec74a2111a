// SPDX-License-Identifier: Apache-2.0
#include "core/importers/importer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/base/text.h"
#include "core/importers/onnx_importer.h"
#include "core/importers/weights_file.h"
#include "core/network/architectures/architecture.h"
#include "core/network/simplify.h"

namespace bitloupe::importers {

namespace {

using SharedGraph = std::shared_ptr<const network::Graph>;

constexpr std::string_view kArchitecturePrefix = "architecture:";

std::string lowerExtension(const std::string& path) {
    std::string extension = std::filesystem::path(path).extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return extension;
}

bool holdsOnlyWeights(const std::string& extension) {
    return extension == ".pth" || extension == ".pt" || extension == ".th" ||
           extension == ".safetensors";
}

/// Simplified for inference, and shared from here on.
Result<SharedGraph> shared(Result<network::Graph> graph, Purpose purpose) {
    if (graph.hasError()) {
        return graph.error();
    }
    network::Graph whole = std::move(graph).value();
    return SharedGraph(std::make_shared<const network::Graph>(
        purpose == Purpose::Inference ? network::simplified(std::move(whole)) : std::move(whole)));
}

/// NAME,parameter=value,... behind the prefix.
struct ArchitectureText {
    std::string name;
    network::ArchitectureParameters parameters;
};

Result<ArchitectureText> parseArchitecture(const std::string& model) {
    const std::vector<std::string> parts =
        text::split(std::string_view(model).substr(kArchitecturePrefix.size()), ',');
    ArchitectureText parsed{parts.front(), {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::size_t equals = parts[i].find('=');
        if (equals == std::string::npos || equals == 0) {
            return Error{"this is not parameter=value: " + parts[i], model,
                         "write architecture:NAME,parameter=value"};
        }
        if (!parsed.parameters.emplace(parts[i].substr(0, equals), parts[i].substr(equals + 1))
                 .second) {
            return Error{"the parameter " + parts[i].substr(0, equals) + " is given twice", model,
                         "leave one of them out"};
        }
    }
    return parsed;
}

Result<network::Graph> importArchitecture(const NetworkSource& source) {
    const Result<ArchitectureText> parsed = parseArchitecture(source.model);
    if (parsed.hasError()) {
        return parsed.error();
    }
    const auto& [name, parameters] = parsed.value();
    if (source.weightsFile.empty()) {
        return network::buildArchitecture(name, parameters, nullptr);
    }
    const Result<network::NamedTensors> tensors = readWeights(source.weightsFile);
    if (tensors.hasError()) {
        return tensors.error();
    }
    Result<network::Graph> graph = network::buildArchitecture(name, parameters, &tensors.value());
    if (graph.hasError() &&
        (graph.error().where.empty() || graph.error().where.starts_with("tensor"))) {
        return graph.error().within(source.weightsFile);
    }
    return graph;
}

}  // namespace

Result<SharedGraph> importNetwork(const NetworkSource& source, Purpose purpose) {
    if (source.model.starts_with(kArchitecturePrefix)) {
        return shared(importArchitecture(source), purpose);
    }
    if (!source.weightsFile.empty()) {
        return Error{"only an architecture takes a weights file", source.weightsFile,
                     "name the network as architecture:NAME, or leave the weights file out"};
    }
    const std::string extension = lowerExtension(source.model);
    if (holdsOnlyWeights(extension)) {
        return Error{"this file holds weights without a network", source.model,
                     "name the network as architecture:NAME and this file as its weights"};
    }
    return shared(importOnnx(source.model), purpose);
}

}  // namespace bitloupe::importers
