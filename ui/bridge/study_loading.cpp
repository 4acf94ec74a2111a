// SPDX-License-Identifier: Apache-2.0
#include <QFileInfo>
#include <algorithm>

#include "core/study/untrained.h"
#include "ui/bridge/file_kinds.h"
#include "ui/bridge/study_document.h"
#include "ui/bridge/study_paths.h"

/// The part of StudyDocument that reads files, on the worker's thread.
namespace bitloupe::ui {

void StudyDocument::loadEngine() {
    m_worker.run<void>([load = m_backend.loadEngine] { return load(); },
                       [this](const Result<void>& loaded) {
                           if (loaded.hasError()) {
                               Q_EMIT failed(loaded.error());
                           }
                       });
}

void StudyDocument::openAnything(const QString& path) {
    switch (guessKind(path)) {
        case FileKind::Study:
            openStudy(path);
            return;
        case FileKind::Results:
            openResults(path);
            return;
        case FileKind::Network:
            openNetwork(path);
            return;
        case FileKind::Data:
            openData(path);
            return;
    }
}

void StudyDocument::openStudy(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    Result<study::StudyDescription> description = m_backend.readStudy(absolute.toStdString());
    if (description.hasError()) {
        Q_EMIT failed(description.error());
        return;
    }
    if (!description.value().network.weightsFile.empty() &&
        study::isUntrained(description.value())) {
        Q_EMIT untrained(absolute);
        return;
    }
    load({std::move(description).value(), {}, {}, {}, absolute, resultsPathFor(absolute)}, {});
}

void StudyDocument::openResults(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    Result<study::StudyDescription> description =
        m_backend.readStudyOfResults(absolute.toStdString());
    if (description.hasError()) {
        Q_EMIT failed(description.error());
        return;
    }
    load({std::move(description).value(), {}, {}, {}, {}, absolute}, {});
}

void StudyDocument::openExample(const QString& name) {
    const QString folder = folderForExample(name);
    const Result<std::string> path =
        m_backend.writeExample(name.toStdString(), folder.toStdString());
    if (path.hasError()) {
        Q_EMIT failed(path.error());
        return;
    }
    openStudy(QString::fromStdString(path.value()));
}

Result<StudyDocument::Loaded> StudyDocument::loadAll(const Backend& backend, State state,
                                                     bool forRun, const Backend::Tell& tell) {
    if (const Result<void> engine = backend.loadEngine(); engine.hasError()) {
        return forRun ? Result<Loaded>(engine.error())
                      : loadResultsAlone(backend, std::move(state), engine.error());
    }
    if (!state.session) {
        Result<study::Session> session = backend.openSession(state.description, tell);
        if (session.hasError()) {
            return session.error();
        }
        state.session = std::make_shared<study::Session>(std::move(session).value());
        state.network = state.session->network;
        state.data = state.session->data;
    } else {  // only formats, arrays or the search may have been edited since it was opened
        Result<exploration::DesignSpace> space =
            backend.makeSpace(state.description, *state.network);
        if (space.hasError()) {
            return space.error();
        }
        auto session = std::make_shared<study::Session>();
        session->description = state.description;
        session->network = state.session->network;
        session->data = state.session->data;
        session->space = std::move(space).value();
        session->evaluator = state.session->evaluator;
        session->warnings = state.session->warnings;
        session->threads = state.session->threads;
        std::replace_if(session->description.objectives.begin(),
                        session->description.objectives.end(), exploration::isMetric,
                        exploration::quantityOf(session->evaluator->metric()));
        state.session = std::move(session);
    }
    Loaded loaded{std::move(state), {}, {}};
    const std::string results = loaded.state.resultsPath.toStdString();
    if (!forRun && !QFileInfo::exists(loaded.state.resultsPath)) {
        return loaded;
    }
    tell(tr("Reading the results so far …").toStdString());
    Result<OpenJournal> journal = forRun ? backend.openJournal(results, *loaded.state.session)
                                         : backend.readJournal(results, *loaded.state.session);
    if (journal.hasError()) {
        loaded.journalError = journal.error();
    } else {
        loaded.journal = std::move(journal).value();
        if (loaded.journal.session) {
            loaded.state.session = loaded.journal.session;
        }
    }
    return loaded;
}

Result<StudyDocument::Loaded> StudyDocument::loadResultsAlone(const Backend& backend, State state,
                                                              const Error& why) {
    Loaded loaded{std::move(state), {}, {}, why};
    if (!QFileInfo::exists(loaded.state.resultsPath)) {
        return loaded;
    }
    Result<ResultsAlone> results = backend.readResultsAlone(loaded.state.resultsPath.toStdString());
    if (results.hasError()) {
        loaded.journalError = results.error();
    } else {
        loaded.journal.known = std::move(results.value().known);
        loaded.space = std::move(results.value().space);
    }
    return loaded;
}

void StudyDocument::load(State wanted, const PlanChange& run) {
    const bool thenRun = static_cast<bool>(run);
    const int number = ++m_loads;
    setBusy(tr("Opening %1 …")
                .arg(thenRun ? title() : QString::fromStdString(wanted.description.name)));
    const Backend::Tell tell = [this](const std::string& sentence) { m_worker.tell(sentence); };
    m_worker.run<Loaded>([backend = m_backend, wanted = std::move(wanted), thenRun,
                          tell] { return loadAll(backend, wanted, thenRun, tell); },
                         [this, number, run](Result<Loaded> result) {
                             if (number != m_loads) {
                                 return;  // something else was asked for meanwhile
                             }
                             setBusy({});
                             if (result.hasError()) {
                                 Q_EMIT failed(result.error());
                                 return;
                             }
                             adopt(std::move(result).value(), run);
                         });
}

void StudyDocument::adopt(Loaded loaded, const PlanChange& change) {
    const bool another = !change;
    if (another) {
        m_undoStack.clear();
        rememberSaved(loaded.state.description);
    }
    if (loaded.journalError) {
        Q_EMIT failed(*loaded.journalError);
        loaded.state.resultsPath = unusedResultsPath(loaded.state.resultsPath);
        if (!another) {
            return;
        }
    }
    setState(loaded.state);
    if (loaded.engineError) {
        showAlone(loaded);
        Q_EMIT opened();
        Q_EMIT failed(*loaded.engineError);
        return;
    }
    show(loaded.journal.known);
    if (another) {
        Q_EMIT opened();
        if (m_secondsPerDesign < 0) {
            timeOneDesign();
        }
    } else {
        run(loaded.journal, change);
    }
}

void StudyDocument::replacePart(const QString& name, State next) {
    next.session.reset();
    next.path.clear();
    next.resultsPath.clear();
    makePathsAbsolute(next.description);
    const bool wasOpen = m_isOpen;
    push(name, std::move(next), -1);
    if (!m_bridge.isBusy()) {
        show({});
    }
    if (!wasOpen) {
        Q_EMIT opened();
    }
}

void StudyDocument::openNetwork(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const importers::NetworkSource source{absolute.toStdString(), {}};
    const int number = ++m_loads;
    setBusy(tr("Reading the network %1 …").arg(QFileInfo(path).fileName()));
    using Network = std::shared_ptr<const network::Network>;
    m_worker.run<Network>([backend = m_backend, source] { return backend.loadNetwork(source); },
                          [this, number, source](Result<Network> result) {
                              if (number != m_loads) {
                                  return;
                              }
                              setBusy({});
                              if (result.hasError()) {
                                  Q_EMIT failed(result.error());
                                  return;
                              }
                              State next = m_state;
                              next.network = std::move(result).value();
                              next.description = m_isOpen ? next.description : newStudy();
                              next.description.network = source;
                              next.description.layers.clear();
                              if (next.description.name.empty()) {
                                  next.description.name = next.network->name;
                              }
                              replacePart(tr("open network"), std::move(next));
                          });
}

void StudyDocument::openData(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    const int number = ++m_loads;
    setBusy(tr("Reading the data %1 …").arg(QFileInfo(path).fileName()));
    using Answer = std::pair<data::DataDescription, std::shared_ptr<const data::DataSet>>;
    m_worker.run<Answer>(
        [backend = m_backend, absolute]() -> Result<Answer> {
            Result<data::DataDescription> description =
                backend.describeData(absolute.toStdString());
            if (description.hasError()) {
                return description.error();
            }
            Result<std::shared_ptr<const data::DataSet>> data =
                backend.loadData(description.value());
            if (data.hasError()) {
                return data.error();
            }
            return Answer{description.value(), data.value()};
        },
        [this, number](Result<Answer> result) {
            if (number != m_loads) {
                return;
            }
            setBusy({});
            if (result.hasError()) {
                Q_EMIT failed(result.error());
                return;
            }
            State next = m_state;
            next.description = m_isOpen ? next.description : newStudy();
            next.description.data = result.value().first;
            next.data = result.value().second;
            replacePart(tr("open data"), std::move(next));
        });
}

study::StudyDescription StudyDocument::newStudy() {
    study::StudyDescription description;
    for (const char* name : {"int4", "int5", "int6", "int8"}) {
        Result<quantization::Quantizer> quantizer = quantization::Quantizer::parse(name);
        if (quantizer.hasValue()) {
            description.weights.push_back(quantizer.value());
            description.activations.push_back(quantizer.value());
        }
    }
    description.accelerators = {hardware::Accelerator{}};
    description.objectives = {exploration::QuantityId::Accuracy, exploration::QuantityId::Bops};
    return description;
}

}  // namespace bitloupe::ui
