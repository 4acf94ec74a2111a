// SPDX-License-Identifier: Apache-2.0
#include "core/study/fitted_network.h"

#include <algorithm>

#include "core/execution/executor.h"
#include "core/network/class_scores.h"
#include "core/study/fit.h"
#include "core/study/network_file.h"

namespace bitloupe::study {

namespace {

using Shapes = std::map<std::string, Shape>;

/// Shapes of the inputs for one sample, as the data has them.
Shapes sampleShapes(const data::DataSet& data) {
    Shapes shapes;
    for (const auto& [name, array] : data.splits.begin()->second.inputs) {
        Shape shape = array.shape();
        shape.front() = 1;
        shapes.emplace(name, std::move(shape));
    }
    return shapes;
}

bool hasTargets(const data::DataSet& data) {
    return std::ranges::any_of(data.splits,
                               [](const auto& split) { return !split.second.targets.empty(); });
}

}  // namespace

Result<FittedNetwork> loadFittedNetwork(const importers::NetworkSource& source,
                                        const data::DataSet& data, importers::Purpose purpose) {
    // TorchScript does not say what it takes: it may be what the data has, or of a shape of its
    // own.
    const Shapes own = sampleShapes(data);
    Result<std::shared_ptr<const network::Graph>> graph =
        openNetwork(source, own.size() == 1 ? Shapes{{"", own.begin()->second}} : own, purpose);
    if (graph.hasError()) {
        graph = openNetwork(source, {}, purpose);
    }
    if (graph.hasError()) {
        return graph.error();
    }
    std::vector<std::string> warnings;
    if (auto scored = network::withClassScores(*graph.value()); scored && !hasTargets(data)) {
        warnings.push_back(
            "the network ends in `" + scored->node +
            "`, which gives the best class alone: it was left out, and the scores of "
            "all classes are measured");
        graph = std::make_shared<const network::Graph>(std::move(scored->graph));
    }
    Result<data::DataSet> fitted = fitToNetwork(data, *graph.value());
    if (fitted.hasError()) {
        return fitted.error();
    }
    fitted.value().warnings.insert(fitted.value().warnings.end(), warnings.begin(), warnings.end());
    Result<network::Network> network =
        execution::makeNetwork(graph.value(), source.model, sampleShapes(fitted.value()));
    if (network.hasError()) {
        return network.error().within(source.model);
    }
    if (network.value().layers.empty()) {
        return Error{"the network has no layer that multiplies by weights", source.model,
                     "give a network with convolutions or dense layers"};
    }
    return FittedNetwork{std::make_shared<const network::Network>(std::move(network).value()),
                         std::move(fitted).value()};
}

}  // namespace bitloupe::study
