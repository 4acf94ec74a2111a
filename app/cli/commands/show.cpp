// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iomanip>
#include <memory>
#include <ostream>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/result_document.h"
#include "app/cli/text_table.h"
#include "core/study/session.h"

namespace bitloupe::cli {

namespace {

using exploration::Evaluation;
using nlohmann::json;

std::vector<exploration::Quantity> quantitiesOf(const Results& results) {
    return exploration::quantitiesWith(exploration::metricAmong(results.study.objectives));
}

json documentOf(const Evaluation& evaluation, const Results& results) {
    json document = evaluationJson(evaluation, results.space, results.study.objectives);
    document["layers"] = document["design"]["layers"];
    document["accelerator"] = document["design"]["accelerator"];
    document.erase("design");
    json quantities = json::object();
    for (const exploration::Quantity& quantity : quantitiesOf(results)) {
        quantities[quantity.key] = numberJson(evaluation.value(quantity.id));
    }
    document["quantities"] = quantities;
    document["correct"] = evaluation.measured.correct;
    document["samples"] = evaluation.measured.samples;
    return document;
}

/// Share of the values of a layer's two sides that saturate; nothing without the network.
using Clipped = std::vector<std::pair<double, double>>;

Result<Clipped> clippedShares(const Evaluation& evaluation, const Results& results, int threads) {
    const Result<study::Session> session = study::openSession(results.study, threads);
    if (session.hasError()) {
        return session.error();
    }
    const Result<exploration::ResolvedLayers> layers =
        session.value().evaluator->resolve(results.space.assignment(evaluation.design));
    if (layers.hasError()) {
        return layers.error();
    }
    Clipped clipped;
    for (std::size_t i = 0; i < layers.value().weights.size(); ++i) {
        const auto& weights = layers.value().weights[i];
        const auto& activations = layers.value().activations[i];
        clipped.emplace_back(weights ? weights->clippedShare : 0,
                             activations ? activations->clippedShare : 0);
    }
    return clipped;
}

/// What a design converts between its layers' formats.
Result<std::vector<exploration::Conversion>> conversionsOf(const Evaluation& evaluation,
                                                           const Results& results, int threads) {
    const Result<study::Session> session = study::openSession(results.study, threads);
    if (session.hasError()) {
        return session.error();
    }
    return session.value().conversions().list(results.space.assignment(evaluation.design));
}

json conversionsJson(const std::vector<exploration::Conversion>& conversions) {
    json list = json::array();
    for (const exploration::Conversion& each : conversions) {
        list.push_back({{"tensor", each.tensor},
                        {"from", each.from},
                        {"to", each.to},
                        {"elements", each.elements},
                        {"bytes", each.bytes}});
    }
    return list;
}

void print(const std::vector<exploration::Conversion>& conversions, std::ostream& out) {
    out << '\n' << (conversions.empty() ? "no tensor changes its format\n" : "converted\n");
    for (const exploration::Conversion& each : conversions) {
        out << "  " << each.tensor << "  " << each.from << " to " << each.to << "  "
            << each.elements << " elements, " << each.bytes << " bytes read and written\n";
    }
}

void print(const Evaluation& evaluation, const Results& results, const Clipped& clipped,
           std::ostream& out) {
    out << "design " << evaluation.id << " of " << results.study.name << ", asked for by "
        << evaluation.origin << "\n\n";
    for (const exploration::Quantity& quantity : quantitiesOf(results)) {
        out << std::left << std::setw(20) << quantity.label
            << valueText(quantity.id, evaluation.value(quantity.id));
        if (exploration::isMetric(quantity.id)) {
            const exploration::Interval& interval = evaluation.measured.interval;
            out << "  (" << valueText(quantity.id, interval.low) << " to "
                << valueText(quantity.id, interval.high) << ")";
        }
        out << '\n';
    }
    out << std::setw(20) << "Array" << results.space.accelerator(evaluation.design).name()
        << "\n\n";
    const auto percent = [](double share) {
        std::ostringstream text;
        text << 100 * share << " %";
        return text.str();
    };
    std::vector<std::vector<std::string>> rows = {{"layer", "weights", "activations", "pruned"}};
    if (!clipped.empty()) {
        rows.front().insert(rows.front().end(), {"weights clipped", "activations clipped"});
    }
    const exploration::Assignment assignment = results.space.assignment(evaluation.design);
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        rows.push_back({results.space.layers()[i].layer, formatName(assignment[i].weights),
                        formatName(assignment[i].activations),
                        percent(prunedShare(assignment[i]))});
        if (i < clipped.size()) {
            rows.back().insert(rows.back().end(),
                               {percent(clipped[i].first), percent(clipped[i].second)});
        }
    }
    printTable(rows, out);
}

struct ShowOptions {
    std::string path;
    std::int64_t id = 0;
    bool clipping = false;
    bool conversions = false;
};

void runShow(const ShowOptions& options, Context& context) {
    const auto& [path, id, wantsClipping, wantsConversions] = options;
    const Result<Results> loaded = loadResults(path);
    if (loaded.hasError()) {
        context.fail(loaded.error());
        return;
    }
    const std::vector<Evaluation>& all = loaded.value().known.evaluations;
    const auto found = std::find_if(all.begin(), all.end(), [&options](const Evaluation& each) {
        return each.id == options.id;
    });
    if (found == all.end()) {
        context.fail({"there is no design " + std::to_string(id), path,
                      all.empty() ? "nothing was evaluated yet"
                                  : "its designs are 1 to " + std::to_string(all.back().id)});
        return;
    }
    Clipped clipped;
    if (wantsClipping) {
        Result<Clipped> shares = clippedShares(*found, loaded.value(), context.threads);
        if (shares.hasError()) {
            context.fail(shares.error());
            return;
        }
        clipped = std::move(shares).value();
    }
    std::vector<exploration::Conversion> conversions;
    if (wantsConversions) {
        auto converted = conversionsOf(*found, loaded.value(), context.threads);
        if (converted.hasError()) {
            context.fail(converted.error());
            return;
        }
        conversions = std::move(converted).value();
    }
    if (context.json) {
        json document = documentOf(*found, loaded.value());
        for (std::size_t i = 0; i < clipped.size(); ++i) {
            document["layers"][i]["weights_clipped"] = clipped[i].first;
            document["layers"][i]["activations_clipped"] = clipped[i].second;
        }
        if (wantsConversions) {
            document["conversions"] = conversionsJson(conversions);
        }
        context.out << document.dump(2) << '\n';
    } else {
        print(*found, loaded.value(), clipped, context.out);
        if (wantsConversions) {
            print(conversions, context.out);
        }
    }
}

}  // namespace

void addShowCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("show", "One design of a study, layer by layer");
    const auto options = std::make_shared<ShowOptions>();
    command->add_option("RESULTS", options->path, "File of results that explore wrote")->required();
    command->add_option("ID", options->id, "Number of the design, from 1")->required();
    command->add_flag("--clipping", options->clipping,
                      "Load the network and its data, and say how much saturates in each layer");
    command->add_flag("--conversions", options->conversions,
                      "Load the network, and say which tensors change their format on the way");
    command->callback([options, &context] { runShow(*options, context); });
}

}  // namespace bitloupe::cli
