// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/execution/training/trainer.h"
#include "core/exploration/integer_evaluation.h"
#include "core/exporters/agreement.h"
#include "core/study/fine_tuning.h"
#include "core/study/session.h"
#include "ui/bridge/export_preparation.h"

namespace bitloupe::ui {

/// A study that ships with the program.
struct Example {
    std::string name;         ///< identity
    std::string title;        ///< on screen
    std::string description;  ///< one sentence
};

/// A study's results so far, and where to add to them.
struct OpenJournal {
    std::shared_ptr<exploration::EvaluationStore> store;  ///< nothing when opened for reading
    exploration::KnownResults known;
    /// The session it was opened with, its space widened by imported designs; may be nothing.
    std::shared_ptr<study::Session> session = {};
};

/// A study's results without its network.
struct ResultsAlone {
    exploration::KnownResults known;
    exploration::DesignSpace space;  ///< holds every design among them
};

/// Everything slow or touching the disk that the window asks of the core. Functions are called on a
/// background thread, except `readStudy` and `examples`; tests put their own in.
struct Backend {
    using Tell = std::function<void(const std::string&)>;

    /// Loads what runs networks, where that is not there from the start; the functions that need it
    /// call this themselves. Error: what is missing. Until it succeeds it may be tried again.
    std::function<Result<void>()> loadEngine = [] { return Result<void>(); };

    std::function<std::vector<Example>()> examples;
    /// Writes an example where the person may change it, and returns the path of its study.
    std::function<Result<std::string>(const std::string& name, const std::string& folder)>
        writeExample;
    std::function<Result<study::StudyDescription>(const std::string& path)> readStudy;
    std::function<std::string(const study::StudyDescription&)> writeStudy;
    /// The study a results file was made by.
    std::function<Result<study::StudyDescription>(const std::string& path)> readStudyOfResults;
    std::function<Result<std::shared_ptr<const network::Network>>(const importers::NetworkSource&)>
        loadNetwork;
    std::function<Result<data::DataDescription>(const std::string& path)> describeData;
    std::function<Result<std::shared_ptr<const data::DataSet>>(const data::DataDescription&)>
        loadData;
    std::function<Result<study::Session>(const study::StudyDescription&, const Tell&)> openSession;
    /// Opens or creates the results of a session for a run. One program at a time.
    std::function<Result<OpenJournal>(const std::string& path, const study::Session&)> openJournal;
    /// Reads them; they must exist.
    std::function<Result<OpenJournal>(const std::string& path, const study::Session&)> readJournal;
    /// Reads them without a session.
    std::function<Result<ResultsAlone>(const std::string& path)> readResultsAlone;
    /// Fine-tunes a design of the results at `path`, and keeps what comes out there (fineTune() of
    /// core/study).
    std::function<Result<study::FineTuned>(
        const study::Session&, const std::string& path, const exploration::Evaluation&,
        const execution::TrainingSettings&, const execution::TrainingControl&)>
        fineTune;
    /// Trains the network of a study, writes its weights and returns their file; "" when stopped.
    std::function<Result<std::string>(const study::StudyDescription&,
                                      const execution::TrainingControl&)>
        train;
    /// The design space of a description on a network.
    std::function<Result<exploration::DesignSpace>(const study::StudyDescription&,
                                                   const network::Network&)>
        makeSpace;
    std::function<Result<std::shared_ptr<const PreparedExport>>(const ExportWish&)> prepareExport;
    /// exporters::exportDesign
    std::function<Result<void>(const exporters::ExportKind&, const exporters::ResolvedDesign&,
                               const std::string& path)>
        exportDesign;
    /// exporters::checkAgreement
    std::function<Result<exporters::Agreement>(
        const exporters::ExportKind&, const std::string& path, const exporters::ResolvedDesign&,
        const data::Samples&, const std::function<bool(double)>& progress)>
        checkAgreement;
    /// A design in integer arithmetic, over the search split.
    std::function<Result<exploration::IntegerEvaluation>(
        const study::Session&, const exploration::Assignment&, const exploration::IntegerSettings&)>
        evaluateIntegers;
};

}  // namespace bitloupe::ui
