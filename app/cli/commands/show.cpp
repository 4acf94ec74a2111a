// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iomanip>
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/result_document.h"

namespace bitloupe::cli {

namespace {

using exploration::Evaluation;
using nlohmann::json;

json documentOf(const Evaluation& evaluation, const Results& results) {
    json document = evaluationJson(evaluation, results.space, results.study.objectives);
    document["layers"] = document["design"]["layers"];
    document["accelerator"] = document["design"]["accelerator"];
    document.erase("design");
    json quantities = json::object();
    for (const exploration::Quantity& quantity : exploration::allQuantities()) {
        quantities[quantity.key] = numberJson(evaluation.value(quantity.id));
    }
    document["quantities"] = quantities;
    document["correct"] = evaluation.measured.correct;
    document["samples"] = evaluation.measured.samples;
    return document;
}

void print(const Evaluation& evaluation, const Results& results, std::ostream& out) {
    out << "design " << evaluation.id << " of " << results.study.name << ", asked for by "
        << evaluation.origin << "\n\n";
    for (const exploration::Quantity& quantity : exploration::allQuantities()) {
        out << std::left << std::setw(20) << quantity.label
            << valueText(quantity.id, evaluation.value(quantity.id));
        if (quantity.id == exploration::QuantityId::Accuracy) {
            const exploration::Interval& interval = evaluation.measured.interval;
            out << "  (" << valueText(quantity.id, interval.low) << " to "
                << valueText(quantity.id, interval.high) << ")";
        }
        out << '\n';
    }
    out << std::setw(20) << "Array" << results.space.accelerator(evaluation.design).name()
        << "\n\n";
    std::size_t width = 5;
    for (const exploration::LayerChoices& layer : results.space.layers()) {
        width = std::max(width, layer.layer.size());
    }
    const int column = static_cast<int>(width) + 2;
    out << std::setw(column) << "layer" << std::setw(20) << "weights" << std::setw(14)
        << "activations"
        << "pruned\n";
    const exploration::Assignment assignment = results.space.assignment(evaluation.design);
    for (std::size_t i = 0; i < assignment.size(); ++i) {
        out << std::setw(column) << results.space.layers()[i].layer << std::setw(20)
            << formatName(assignment[i].weights) << std::setw(14)
            << formatName(assignment[i].activations) << 100 * prunedShare(assignment[i]) << " %\n";
    }
}

void runShow(const std::string& path, std::int64_t id, Context& context) {
    const Result<Results> loaded = loadResults(path);
    if (loaded.hasError()) {
        context.fail(loaded.error());
        return;
    }
    const std::vector<Evaluation>& all = loaded.value().known.evaluations;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [id](const Evaluation& each) { return each.id == id; });
    if (found == all.end()) {
        context.fail({"there is no design " + std::to_string(id), path,
                      all.empty() ? "nothing was evaluated yet"
                                  : "its designs are 1 to " + std::to_string(all.back().id)});
        return;
    }
    if (context.json) {
        context.out << documentOf(*found, loaded.value()).dump(2) << '\n';
    } else {
        print(*found, loaded.value(), context.out);
    }
}

}  // namespace

void addShowCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("show", "One design of a study, layer by layer");
    const auto path = std::make_shared<std::string>();
    const auto id = std::make_shared<std::int64_t>(0);
    command->add_option("RESULTS", *path, "File of results that explore wrote")->required();
    command->add_option("ID", *id, "Number of the design, from 1")->required();
    command->callback([path, id, &context] { runShow(*path, *id, context); });
}

}  // namespace bitloupe::cli
