// SPDX-License-Identifier: Apache-2.0
#include "core/importers/importer.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/importers/onnx_importer.h"

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
    return extension == ".pth" || extension == ".th" || extension == ".safetensors";
}

Result<SharedGraph> shared(Result<network::Graph> graph) {
    return graph.hasError() ? Result<SharedGraph>(graph.error())
                            : Result<SharedGraph>(
                                  std::make_shared<const network::Graph>(std::move(graph).value()));
}

}  // namespace

Result<SharedGraph> importNetwork(const NetworkSource& source) {
    const std::string extension = lowerExtension(source.model);
    if (holdsOnlyWeights(extension)) {
        return Error{"this file holds weights without a network", source.model,
                     "name the network as architecture:NAME and this file as its weights"};
    }
    return shared(importOnnx(source.model));
}

}  // namespace bitloupe::importers
