// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/study/session.h"

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

/// Everything slow or touching the disk that the window asks of the core. Functions are called on a
/// background thread, except `readStudy` and `examples`; tests put their own in.
struct Backend {
    using Tell = std::function<void(const std::string&)>;

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
    /// The design space of a description on a network.
    std::function<Result<exploration::DesignSpace>(const study::StudyDescription&,
                                                   const network::Network&)>
        makeSpace;
};

}  // namespace bitloupe::ui
