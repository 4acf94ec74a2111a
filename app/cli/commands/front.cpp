// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include "app/cli/commands.h"
#include "app/cli/result_document.h"
#include "core/base/text.h"

namespace bitloupe::cli {

namespace {

std::vector<std::string> csvHead(const Results& results) {
    std::vector<std::string> head = {"id"};
    for (const exploration::QuantityId id : results.study.objectives) {
        head.push_back(exploration::quantity(id).key);
    }
    head.insert(head.end(), {"accuracy_low", "accuracy_high", "array"});
    if (!results.test.empty()) {
        head.insert(head.end(), {"test", "test_low", "test_high"});
    }
    for (const exploration::LayerChoices& layer : results.space.layers()) {
        head.push_back(csvField(layer.layer + " weights"));
        head.push_back(csvField(layer.layer + " activations"));
    }
    return head;
}

std::vector<std::string> csvRow(const exploration::Evaluation& evaluation, const Results& results) {
    std::vector<std::string> row = {std::to_string(evaluation.id)};
    for (const exploration::QuantityId id : results.study.objectives) {
        row.push_back(text::number(evaluation.value(id)));
    }
    row.push_back(text::number(evaluation.measured.interval.low));
    row.push_back(text::number(evaluation.measured.interval.high));
    row.push_back(results.space.accelerator(evaluation.design).name());
    if (!results.test.empty()) {
        const auto found = results.test.find(evaluation.id);
        if (found == results.test.end()) {
            row.insert(row.end(), 3, "");
        } else {
            const exploration::Measurement& measured = found->second;
            for (const double value :
                 {measured.metric, measured.interval.low, measured.interval.high}) {
                row.push_back(text::number(value));
            }
        }
    }
    for (const quantization::LayerScheme& scheme : results.space.assignment(evaluation.design)) {
        row.push_back(csvField(formatName(scheme.weights)));
        row.push_back(csvField(formatName(scheme.activations)));
    }
    return row;
}

void runFront(const std::string& path, bool csv, Context& context) {
    const Result<Results> loaded = loadResults(path);
    if (loaded.hasError()) {
        context.fail(loaded.error());
        return;
    }
    const Results& results = loaded.value();
    const std::vector<exploration::Evaluation> front = results.front();
    if (context.json) {
        context.out
            << frontJson(front, results.space, results.study.objectives, results.test).dump(2)
            << '\n';
    } else if (csv) {
        context.out << text::join(csvHead(results), ",") << '\n';
        for (const exploration::Evaluation& evaluation : front) {
            context.out << text::join(csvRow(evaluation, results), ",") << '\n';
        }
    } else {
        printFront(context.out, front, results.space, results.study.objectives, results.test);
    }
}

}  // namespace

void addFrontCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand(
        "front", "The designs of a study that keep its limits and that no other one beats");
    const auto path = std::make_shared<std::string>();
    const auto csv = std::make_shared<bool>(false);
    command->add_option("RESULTS", *path, "File of results that explore wrote")->required();
    command->add_flag("--csv", *csv, "Comma-separated values instead of a table");
    command->callback([path, csv, &context] { runFront(*path, *csv, context); });
}

}  // namespace bitloupe::cli
