// SPDX-License-Identifier: Apache-2.0
#include "app/cli/plot/plot_results.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "app/cli/plot/offscreen_application.h"
#include "core/study/journal.h"
#include "core/study/study_of_results.h"
#include "ui/charts/render_scatter.h"
#include "ui/charts/study_charts.h"

namespace bitloupe::cli {

namespace {

using exploration::QuantityId;

struct StudyResults {
    exploration::KnownResults known;
    std::vector<QuantityId> objectives;
};

Result<StudyResults> readResults(const std::string& path) {
    Result<std::unique_ptr<study::Journal>> journal = study::Journal::openReadOnly(path);
    if (journal.hasError()) {
        return journal.error();
    }
    const Result<exploration::DesignSpace> space = journal.value()->spaceOfDesigns();
    if (space.hasError()) {
        return space.error();
    }
    Result<exploration::KnownResults> known = journal.value()->load(space.value());
    if (known.hasError()) {
        return known.error();
    }
    if (known.value().evaluations.empty()) {
        return Error{"no design has been evaluated yet", path, "run bitloupe-cli explore first"};
    }
    StudyResults results{std::move(known).value(), {QuantityId::Accuracy, QuantityId::Bops}};
    const auto description = study::studyOfResults(*journal.value(), path);
    if (description.hasValue() && !description.value().objectives.empty()) {
        results.objectives = description.value().objectives;
    }
    return results;
}

QuantityId firstCost(const std::vector<QuantityId>& objectives) {
    const auto cost = std::find_if(objectives.begin(), objectives.end(), [](QuantityId id) {
        return exploration::quantity(id).direction == exploration::Direction::Minimize;
    });
    return cost == objectives.end() ? QuantityId::Bops : *cost;
}

charts::ScatterSnapshot snapshotOf(const StudyResults& results, const PlotRequest& request) {
    const charts::ScatterChoice choice{
        request.x.value_or(firstCost(results.objectives)),
        request.y.value_or(exploration::metricAmong(results.objectives)), request.colour,
        request.size};
    charts::ScatterContext context;
    context.objectives = results.objectives;
    const auto& evaluations = results.known.evaluations;
    if (results.known.reference.has_value()) {
        constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
        exploration::Evaluation reference;
        reference.measured = *results.known.reference;
        reference.costs = {kUnknown, kUnknown, kUnknown, kUnknown, kUnknown};
        context.reference = reference;
    }
    return std::make_shared<const charts::ScatterData>(
        charts::scatterOf(evaluations, choice, context));
}

}  // namespace

Result<void> plotResults(const PlotRequest& request) {
    const Result<StudyResults> results = readResults(request.results);
    if (results.hasError()) {
        return results.error();
    }
    const auto application = makeOffscreenApplication();
    charts::PictureOptions options;
    options.size = QSizeF(request.width, request.height);
    options.scale = request.scale;
    options.theme = request.dark ? charts::ChartTheme::night() : charts::ChartTheme::day();
    return charts::renderScatter(snapshotOf(results.value(), request),
                                 QString::fromStdString(request.output), options);
}

}  // namespace bitloupe::cli
