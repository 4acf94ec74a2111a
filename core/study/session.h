// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/data/data_set.h"
#include "core/exploration/explorer.h"
#include "core/exploration/population_evaluator.h"
#include "core/network/network.h"
#include "core/study/journal.h"
#include "core/study/study_description.h"

namespace bitloupe::study {

/// Everything a study needs to run, loaded: what the desktop and the command line both start from.
struct Session {
    StudyDescription description;
    std::shared_ptr<const network::Network> network;
    std::shared_ptr<const data::DataSet> data;
    /// What the study's designs are picked from, and what imported ones have (imported_designs.h).
    exploration::DesignSpace space;
    /// On the search split, calibrated on the calibration split. Shared: it does not depend on
    /// which formats and arrays the space holds, so a session with another space may go on using
    /// it.
    std::shared_ptr<exploration::PopulationEvaluator> evaluator;
    std::vector<std::string>
        warnings;     ///< one sentence each, for instance tuning on the test split
    int threads = 0;  ///< as it was opened with
    std::optional<exploration::DesignSpace> searched =
        {};  ///< where imported designs widen `space`

    /// What allocation's Fisher prior is made of; see ExplorationPlan::fisher.
    std::function<std::vector<exploration::FisherTrace>()> fisher = {};

    /// What the search picks from, in genes of `space`.
    [[nodiscard]] const exploration::DesignSpace& searchedSpace() const {
        return searched ? *searched : space;
    }
    [[nodiscard]] exploration::ExplorationPlan plan() const;
    /// Between the network's layers, at the study's price.
    [[nodiscard]] exploration::FormatConversions conversions() const {
        return {*network, description.conversionPrice};
    }
};

/// Loads network and data set, checks that they fit, calibrates. Slow (seconds): never on the
/// interface's thread.
[[nodiscard]] Result<Session> openSession(
    const StudyDescription& description, int threads,
    const std::function<void(const std::string&)>& progress = {});

/// Another evaluator for a session's designs, on other samples than those of its search split.
[[nodiscard]] Result<std::unique_ptr<exploration::PopulationEvaluator>> openEvaluator(
    const Session& session, const data::Samples& samples);

}  // namespace bitloupe::study
