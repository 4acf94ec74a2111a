// SPDX-License-Identifier: Apache-2.0
#include "core/study/session.h"

#include <algorithm>

#include "core/execution/executor.h"
#include "core/study/design_space.h"
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

Result<void> checkRoles(const data::DataSet& data) {
    for (const data::Role role : {data::Role::Calibration, data::Role::Search}) {
        if (!data.splits.contains(role)) {
            return Error{"the data has no " + std::string(data::roleName(role)) + " split",
                         "data `" + data.name + "`", "add one under data.splits"};
        }
    }
    return {};
}

Result<std::shared_ptr<const network::Network>> loadNetwork(const StudyDescription& description,
                                                            const data::DataSet& loaded,
                                                            data::DataSet& fitted) {
    const importers::NetworkSource source = networkOf(description);
    const Result<std::shared_ptr<const network::Graph>> graph = importers::importNetwork(source);
    if (graph.hasError()) {
        return graph.error();
    }
    Result<data::DataSet> fitting = fitToNetwork(loaded, *graph.value());
    if (fitting.hasError()) {
        return fitting.error();
    }
    fitted = std::move(fitting).value();
    Result<network::Network> network =
        execution::makeNetwork(graph.value(), source.model, sampleShapes(fitted));
    if (network.hasError()) {
        return network.error().within(source.model);
    }
    if (network.value().layers.empty()) {
        return Error{"the network has no layer that multiplies by weights", source.model,
                     "give a network with convolutions or dense layers"};
    }
    return std::make_shared<const network::Network>(std::move(network).value());
}

}  // namespace

exploration::ExplorationPlan Session::plan() const {
    return {.layers = network->layers,
            .space = space,
            .objectives = description.objectives,
            .strategy = description.strategy,
            .sensitivityFirst = description.sensitivity,
            .maxEvaluations = description.evaluations};
}

Result<Session> openSession(const StudyDescription& description, int threads,
                            const std::function<void(const std::string&)>& progress) {
    const auto tell = [&progress](const std::string& what) {
        if (progress) {
            progress(what);
        }
    };
    tell("reading the data");
    Result<data::DataSet> loaded = data::loadDataSet(description.data);
    if (loaded.hasError()) {
        return loaded.error();
    }
    const Result<void> roles = checkRoles(loaded.value());
    if (roles.hasError()) {
        return roles.error();
    }
    tell("reading the network");
    data::DataSet fitted;
    Result<std::shared_ptr<const network::Network>> network =
        loadNetwork(description, loaded.value(), fitted);
    if (network.hasError()) {
        return network.error();
    }
    Result<exploration::DesignSpace> space = makeDesignSpace(description, *network.value());
    if (space.hasError()) {
        return space.error();
    }
    tell("calibrating");
    Result<std::unique_ptr<exploration::PopulationEvaluator>> evaluator =
        exploration::makePopulationEvaluator(network.value(),
                                             fitted.splits.at(data::Role::Calibration),
                                             fitted.splits.at(data::Role::Search), threads);
    if (evaluator.hasError()) {
        return evaluator.error();
    }
    Session session{.description = description,
                    .network = std::move(network).value(),
                    .data = std::make_shared<const data::DataSet>(std::move(fitted)),
                    .space = std::move(space).value(),
                    .evaluator = std::move(evaluator).value(),
                    .warnings = {}};
    session.warnings = session.data->warnings;
    return session;
}

}  // namespace bitloupe::study
