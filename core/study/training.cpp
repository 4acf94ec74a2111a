// SPDX-License-Identifier: Apache-2.0
#include "core/study/training.h"

#include <algorithm>
#include <thread>

#include "core/base/file.h"
#include "core/base/safetensors_writer.h"
#include "core/exploration/fine_tuning.h"
#include "core/network/parameters.h"
#include "core/study/fit.h"
#include "core/study/fitted_network.h"
#include "core/study/training_files.h"
#include "core/study/untrained.h"

namespace bitloupe::study {

namespace {

/// The network's source without a weights file that is not there yet.
importers::NetworkSource sourceFor(const StudyDescription& study) {
    importers::NetworkSource source = networkOf(study);
    if (isUntrained(study)) {
        source.weightsFile.clear();
    }
    return source;
}

}  // namespace

int trainingThreads(int threads) {
    return threads > 0 ? threads
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<data::Samples> fittedTrainingSamples(const StudyDescription& study,
                                            const data::DataSet& data,
                                            const network::Graph& graph) {
    Result<data::Samples> samples = data::loadTrainingSamples(study.data);
    if (samples.hasError()) {
        return samples;
    }
    data::DataSet training = data;
    training.splits = {{data::Role::Training, std::move(samples).value()}};
    Result<data::DataSet> fitted = fitToNetwork(training, graph);
    return fitted.hasError()
               ? Result<data::Samples>(fitted.error())
               : Result<data::Samples>(std::move(fitted.value().splits.at(data::Role::Training)));
}

Result<Trained> trainNetwork(const StudyDescription& study, const std::string& checkpoint,
                             int threads, const execution::TrainingControl& control) {
    Result<data::DataSet> data = data::loadDataSet(study.data);
    if (data.hasError()) {
        return data.error();
    }
    if (!data.value().splits.contains(data::Role::Search)) {
        return Error{"the data has no search split", "data `" + data.value().name + "`",
                     "add one under data.splits: training is judged by it"};
    }
    const Result<FittedNetwork> fitted =
        loadFittedNetwork(sourceFor(study), data.value(), importers::Purpose::Training);
    if (fitted.hasError()) {
        return fitted.error();
    }
    const std::shared_ptr<const network::Network>& network = fitted.value().network;
    const Result<data::Samples> samples =
        fittedTrainingSamples(study, fitted.value().data, *network->graph);
    if (samples.hasError()) {
        return samples.error();
    }
    const data::Samples& search = fitted.value().data.splits.at(data::Role::Search);
    const Result<execution::LossKind> loss = exploration::lossFor(search);
    if (loss.hasError()) {
        return loss.error();
    }
    execution::TrainingPlan plan;
    plan.network = network;
    plan.training = exploration::trainingSamples(samples.value());
    plan.judging = exploration::trainingSamples(search);
    plan.loss = loss.value();
    plan.outputs = exploration::outputFormOf(*network->graph);
    plan.fromNothing = true;
    plan.settings = study.training;
    plan.settings.threads = trainingThreads(threads);
    Result<execution::Trainer> trainer = execution::Trainer::prepare(std::move(plan));
    if (trainer.hasError()) {
        return trainer.error();
    }
    const Result<JobOutcome> outcome = trainWithCheckpoint(
        trainer.value(), checkpoint, checkpointMark(network->hash, "", study.training), control);
    if (outcome.hasError()) {
        return outcome.error();
    }
    Trained trained{outcome.value(), trainer.value().epochs(), nullptr};
    if (trained.outcome == JobOutcome::Finished) {
        network::Graph graph = *network->graph;
        for (auto& [name, array] : trainer.value().result().initializers) {
            graph.initializers.insert_or_assign(name, array);
        }
        trained.graph = std::make_shared<const network::Graph>(std::move(graph));
    }
    return trained;
}

Result<void> saveWeights(const network::Graph& graph, const std::string& path) {
    std::map<std::string, Array> tensors;
    for (const std::string& name : network::parameterNames(graph)) {
        tensors[name] = graph.initializers.at(name);
    }
    for (const network::Node& node : graph.nodes) {
        if (node.operatorType == "BatchNormalization") {
            for (std::size_t i = 3; i < node.inputs.size(); ++i) {
                tensors[node.inputs[i]] = graph.initializers.at(node.inputs[i]);
            }
        }
    }
    return writeFileAtomically(path, safetensorsBytes(tensors, {{"format", "pt"}}));
}

}  // namespace bitloupe::study
