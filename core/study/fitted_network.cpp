// SPDX-License-Identifier: Apache-2.0
#include "core/study/fitted_network.h"

#include "core/execution/executor.h"
#include "core/study/fit.h"

namespace bitloupe::study {

namespace {

/// Shapes of the inputs for one sample, as the data has them.
std::map<std::string, Shape> sampleShapes(const data::DataSet& data) {
    std::map<std::string, Shape> shapes;
    for (const auto& [name, array] : data.splits.begin()->second.inputs) {
        Shape shape = array.shape();
        shape.front() = 1;
        shapes.emplace(name, std::move(shape));
    }
    return shapes;
}

}  // namespace

Result<FittedNetwork> loadFittedNetwork(const importers::NetworkSource& source,
                                        const data::DataSet& data) {
    const Result<std::shared_ptr<const network::Graph>> graph = importers::importNetwork(source);
    if (graph.hasError()) {
        return graph.error();
    }
    Result<data::DataSet> fitted = fitToNetwork(data, *graph.value());
    if (fitted.hasError()) {
        return fitted.error();
    }
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
