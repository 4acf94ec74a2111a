// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/core_backend.h"

#include <utility>

#include "core/data/data_description.h"
#include "core/execution/executor.h"
#include "core/study/network_file.h"
#include "core/study/training.h"
#include "core/study/training_files.h"
#include "core/study/untrained.h"
#include "ui/bridge/file_backend.h"

namespace bitloupe::ui {

namespace {

template <typename T>
using Shared = std::shared_ptr<const T>;

Result<Shared<network::Network>> loadNetwork(const importers::NetworkSource& source) {
    Result<Shared<network::Graph>> graph = study::openNetwork(source);
    if (graph.hasError()) {
        return graph.error();
    }
    Result<network::Network> network =
        execution::makeNetwork(std::move(graph).value(), source.model);
    if (network.hasError()) {
        return network.error();
    }
    return Shared<network::Network>(std::make_shared<network::Network>(std::move(network).value()));
}

Result<Shared<data::DataSet>> loadData(const data::DataDescription& description) {
    Result<data::DataSet> set = data::loadDataSet(description);
    if (set.hasError()) {
        return set.error();
    }
    return Shared<data::DataSet>(std::make_shared<data::DataSet>(std::move(set).value()));
}

Result<study::FineTuned> fineTune(const study::Session& session, const std::string& path,
                                  const exploration::Evaluation& parent,
                                  const execution::TrainingSettings& settings,
                                  const execution::TrainingControl& control) {
    Result<std::unique_ptr<study::Journal>> journal = writableJournal(path, session);
    if (journal.hasError()) {
        return journal.error();
    }
    const auto known = journal.value()->load(session.space);  // append() needs it
    if (known.hasError()) {
        return known.error();
    }
    execution::TrainingSettings chosen = settings;
    chosen.threads = study::trainingThreads(session.threads);
    return study::fineTune(session, *journal.value(), path, parent, chosen, control);
}

Result<std::string> train(const study::StudyDescription& study,
                          const execution::TrainingControl& control) {
    const std::string path = study::trainedWeightsPath(study);
    const std::string checkpoint = path + ".checkpoint";
    const Result<study::Trained> trained = study::trainNetwork(study, checkpoint, 0, control);
    if (trained.hasError()) {
        return trained.error();
    }
    if (trained.value().outcome != JobOutcome::Finished) {
        return std::string();
    }
    if (const auto saved = study::saveWeights(*trained.value().graph, path); saved.hasError()) {
        return saved.error();
    }
    study::removeCheckpoint(checkpoint);
    return path;
}

Result<exploration::IntegerEvaluation> evaluateIntegers(
    const study::Session& session, const exploration::Assignment& assignment,
    const exploration::IntegerSettings& settings) {
    return exploration::evaluateIntegers(*session.network, *session.evaluator, assignment,
                                         session.data->splits.at(data::Role::Search), settings,
                                         session.threads > 0 ? session.threads : 1);
}

}  // namespace

Backend coreBackend() {
    Backend backend = fileBackend();
    backend.loadNetwork = loadNetwork;
    backend.describeData = data::describeData;
    backend.loadData = loadData;
    backend.openSession = [](const study::StudyDescription& description,
                             const Backend::Tell& tell) {
        return study::openSession(description, 0, tell);
    };
    backend.fineTune = fineTune;
    backend.train = train;
    backend.prepareExport = prepareExport;
    backend.exportDesign = exporters::exportDesign;
    backend.checkAgreement = exporters::checkAgreement;
    backend.evaluateIntegers = evaluateIntegers;
    return backend;
}

}  // namespace bitloupe::ui
