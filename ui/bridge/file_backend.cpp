// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/file_backend.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <utility>

#include "core/study/design_space.h"
#include "core/study/examples.h"
#include "core/study/imported_designs.h"
#include "core/study/study_of_results.h"

namespace bitloupe::ui {

namespace {

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
    Result<std::unique_ptr<study::Journal>> journal = writableJournal(path, session);
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

Result<ResultsAlone> readResultsAlone(const std::string& path) {
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(path);
    if (journal.hasError()) {
        return journal.error();
    }
    Result<exploration::DesignSpace> space = journal.value()->spaceOfDesigns();
    if (space.hasError()) {
        return space.error();
    }
    Result<exploration::KnownResults> known = journal.value()->load(space.value());
    if (known.hasError()) {
        return known.error();
    }
    return ResultsAlone{std::move(known).value(), std::move(space).value()};
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

Result<std::unique_ptr<study::Journal>> writableJournal(const std::string& path,
                                                        const study::Session& session) {
    const study::JournalHeader header{study::writeStudy(session.description), session.network->hash,
                                      session.data->hash,
                                      QCoreApplication::applicationVersion().toStdString()};
    return study::Journal::open(path, header);
}

Backend fileBackend() {
    Backend backend;
    backend.examples = shippedExamples;
    backend.writeExample = writeExample;
    backend.readStudy = study::readStudy;
    backend.writeStudy = study::writeStudy;
    backend.readStudyOfResults = readStudyOfResults;
    backend.openJournal = openJournal;
    backend.readJournal = readJournal;
    backend.readResultsAlone = readResultsAlone;
    backend.makeSpace = study::makeDesignSpace;
    return backend;
}

}  // namespace bitloupe::ui
