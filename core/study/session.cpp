// SPDX-License-Identifier: Apache-2.0
#include "core/study/session.h"

#include <algorithm>

#include "core/exploration/fine_tuning.h"
#include "core/exploration/memory_budget.h"
#include "core/exploration/preparation.h"
#include "core/exploration/race_samples.h"
#include "core/exploration/rivals.h"
#include "core/study/channel_maps.h"
#include "core/study/design_space.h"
#include "core/study/fitted_network.h"

namespace bitloupe::study {
namespace {

Result<void> checkRoles(const data::DataSet& data) {
    for (const data::Role role : {data::Role::Calibration, data::Role::Search}) {
        if (!data.splits.contains(role)) {
            return Error{"the data has no " + std::string(data::roleName(role)) + " split",
                         "data `" + data.name + "`", "add one under data.splits"};
        }
    }
    return {};
}

/// The metric that an objective names, else the one the data asks for; nothing: what suits the
/// samples. `accuracy` stands for that too.
Result<std::optional<data::Metric>> wantedMetric(const StudyDescription& description) {
    std::optional<data::Metric> wanted;
    for (const exploration::QuantityId id : description.objectives) {
        if (!exploration::isMetric(id) || id == exploration::QuantityId::Accuracy) {
            continue;
        }
        if (wanted.has_value()) {
            return Error{"the objectives name several metrics", "objectives",
                         "keep one of them: a study measures one"};
        }
        wanted = exploration::metricOf(id);
    }
    return wanted.has_value() ? wanted : description.data.metric;
}

Result<void> checkEarlyStopping(const StudyDescription& description,
                                const exploration::PopulationEvaluator& evaluator) {
    if (!description.earlyStopping.has_value()) {
        return {};
    }
    if (!evaluator.canRace()) {
        return Error{"early stopping compares designs sample by sample, and the metric `" +
                         exploration::quantity(exploration::quantityOf(evaluator.metric())).key +
                         "` does not count samples that are right",
                     "early_stopping",
                     "leave it out, or measure the accuracy of one label a sample"};
    }
    if (!exploration::Rivals::canBeFound(description.objectives)) {
        return Error{"early stopping needs one metric and costs as objectives", "objectives",
                     "leave out kl and output_mse, or early_stopping"};
    }
    return {};
}

/// 0: the default. The reader has checked the text.
std::size_t memoryOf(const StudyDescription& description) {
    return description.memory.empty() ? 0
                                      : exploration::parseMemoryBudget(description.memory).value();
}

/// The objectives with the metric that is measured.
std::vector<exploration::QuantityId> resolved(std::vector<exploration::QuantityId> objectives,
                                              data::Metric metric) {
    std::replace_if(objectives.begin(), objectives.end(), exploration::isMetric,
                    exploration::quantityOf(metric));
    return objectives;
}

}  // namespace

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
    Result<FittedNetwork> fitting = loadFittedNetwork(networkOf(description), loaded.value());
    if (fitting.hasError()) {
        return fitting.error();
    }
    auto [loadedNetwork, fitted] = std::move(fitting).value();
    if (!description.preparations.empty()) {
        tell("preparing the network");
    }
    Result<std::shared_ptr<const network::Network>> prepared = exploration::prepareNetwork(
        loadedNetwork, description.preparations, fitted.splits.at(data::Role::Calibration));
    if (prepared.hasError()) {
        return prepared.error();
    }
    auto network = std::move(prepared).value();
    Result<exploration::DesignSpace> space = makeDesignSpace(description, *network);
    if (space.hasError()) {
        return space.error();
    }
    if (const auto maps = channelMaps(description, *network); maps.hasError()) {
        return maps.error();
    }
    const Result<std::optional<data::Metric>> metric = wantedMetric(description);
    if (metric.hasError()) {
        return metric.error();
    }
    tell("calibrating");
    if (description.earlyStopping.has_value()) {
        data::Samples& search = fitted.splits.at(data::Role::Search);
        search = exploration::mixedSamples(search);
    }
    Result<std::unique_ptr<exploration::PopulationEvaluator>> evaluator =
        exploration::makePopulationEvaluator(network, fitted.splits.at(data::Role::Calibration),
                                             fitted.splits.at(data::Role::Search), threads,
                                             metric.value(), memoryOf(description));
    if (evaluator.hasError()) {
        return evaluator.error();
    }
    if (const Result<void> checked = checkEarlyStopping(description, *evaluator.value());
        checked.hasError()) {
        return checked.error();
    }
    Session session{.description = description,
                    .network = std::move(network),
                    .data = std::make_shared<const data::DataSet>(std::move(fitted)),
                    .space = std::move(space).value(),
                    .evaluator = std::move(evaluator).value(),
                    .warnings = {},
                    .threads = threads};
    session.fisher = [network = session.network, data = session.data] {
        return exploration::fisherTraces(network, data->splits.at(data::Role::Calibration));
    };
    session.description.objectives = resolved(description.objectives, session.evaluator->metric());
    session.warnings = session.data->warnings;
    return session;
}

Result<std::unique_ptr<exploration::PopulationEvaluator>> openEvaluator(
    const Session& session, const data::Samples& samples) {
    return exploration::makePopulationEvaluator(
        session.network, session.data->splits.at(data::Role::Calibration), samples, session.threads,
        session.evaluator->metric(), memoryOf(session.description));
}

}  // namespace bitloupe::study
