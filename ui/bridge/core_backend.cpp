// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/core_backend.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <utility>

#include "core/data/data_description.h"
#include "core/execution/executor.h"
#include "core/study/design_space.h"
#include "core/study/examples.h"
#include "core/study/imported_designs.h"
#include "core/study/journal.h"
#include "core/study/network_file.h"
#include "core/study/study_of_results.h"

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

Result<OpenJournal> load(std::unique_ptr<study::Journal> journal, const study::Session& session,
                         bool keep) {
    auto widened = std::make_shared<study::Session>(session);
    Result<exploration::KnownResults> known = study::loadResults(*widened, *journal);
    if (known.hasError()) {
        return known.error();
    }
    OpenJournal open;
    open.session = std::move(widened);
    open.known = std::move(known).value();
    if (keep) {
        open.store = std::move(journal);
    }
    return open;
}

Result<OpenJournal> openJournal(const std::string& path, const study::Session& session) {
    const study::JournalHeader header{study::writeStudy(session.description), session.network->hash,
                                      session.data->hash,
                                      QCoreApplication::applicationVersion().toStdString()};
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::open(path, header);
    if (journal.hasError()) {
        return journal.error();
    }
    return load(std::move(journal).value(), session, true);
}

Result<OpenJournal> readJournal(const std::string& path, const study::Session& session) {
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(path);
    if (journal.hasError()) {
        return journal.error();
    }
    return load(std::move(journal).value(), session, false);
}

Result<study::StudyDescription> readStudyOfResults(const std::string& path) {
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(path);
    if (journal.hasError()) {
        return journal.error();
    }
    return study::studyOfResults(*journal.value(), path);
}

/// Those that run with a click, without files of the user's own.
std::vector<Example> shippedExamples() {
    const Result<std::vector<study::Example>> known = study::listExamples();
    std::vector<Example> examples;
    if (known.hasError()) {
        return examples;
    }
    for (const study::Example& example : known.value()) {
        if (!example.needsOwnFiles) {
            QString title = QString::fromStdString(example.name);
            title[0] = title[0].toUpper();
            examples.push_back({example.name, title.toStdString(), example.note});
        }
    }
    return examples;
}

/// An example that was written before is opened as the person left it.
Result<std::string> writeExample(const std::string& name, const std::string& folder) {
    const std::string path = folder + '/' + name + ".yaml";
    if (QFileInfo::exists(QString::fromStdString(path))) {
        return path;
    }
    return study::writeExample(name, folder);
}

}  // namespace

Backend coreBackend() {
    Backend backend;
    backend.examples = shippedExamples;
    backend.writeExample = writeExample;
    backend.readStudy = study::readStudy;
    backend.writeStudy = study::writeStudy;
    backend.readStudyOfResults = readStudyOfResults;
    backend.loadNetwork = loadNetwork;
    backend.describeData = data::describeData;
    backend.loadData = loadData;
    backend.openSession = [](const study::StudyDescription& description,
                             const Backend::Tell& tell) {
        return study::openSession(description, 0, tell);
    };
    backend.openJournal = openJournal;
    backend.readJournal = readJournal;
    backend.makeSpace = study::makeDesignSpace;
    return backend;
}

}  // namespace bitloupe::ui
