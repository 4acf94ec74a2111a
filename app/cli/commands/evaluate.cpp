// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/commands/evaluate_integer.h"
#include "app/cli/model_options.h"
#include "app/cli/result_document.h"
#include "app/cli/text_table.h"
#include "core/base/text.h"
#include "core/data/data_description.h"
#include "core/exploration/explorer.h"
#include "core/exploration/population_evaluator.h"
#include "core/exploration/preparation.h"
#include "core/exporters/design_file.h"
#include "core/study/fitted_network.h"

namespace bitloupe::cli {

namespace {

using exploration::Assignment;
using quantization::Quantizer;

struct EvaluateOptions {
    ModelOptions model;
    std::string data;
    std::string format;       ///< both sides
    std::string weights;      ///< instead of `format`
    std::string activations;  ///< instead of `format`
    std::string design;       ///< a design file, instead of formats
    std::string split;
    std::string metric;
    std::vector<std::string> preparations;  ///< of the float network, first
    std::int64_t limit = 0;                 ///< 0: all samples
    std::string memory;
    IntegerOptions integer;
};

/// What is measured, and on what.
struct Task {
    study::FittedNetwork fitted;
    Assignment assignment;
    hardware::Accelerator accelerator;
    data::Role role = data::Role::Test;
};

struct Outcome {
    data::Metric metric = data::Metric::Accuracy;
    exploration::Measurement measured;
    exploration::Costs costs;
    exploration::ResolvedLayers layers;
    std::optional<exploration::IntegerEvaluation> integers;
};

Result<std::optional<Quantizer>> readQuantizer(const std::string& text) {
    if (text.empty() || text == "float") {
        return std::optional<Quantizer>();
    }
    Result<Quantizer> parsed = Quantizer::parse(text);
    if (parsed.hasError()) {
        return parsed.error();
    }
    return std::optional<Quantizer>(std::move(parsed).value());
}

/// --format says both sides; granularity, methods and pruning of its suffixes are the weights'.
Result<Assignment> uniformAssignment(const EvaluateOptions& options, std::size_t layers) {
    const Result<std::optional<Quantizer>> weights =
        readQuantizer(options.weights.empty() ? options.format : options.weights);
    if (weights.hasError()) {
        return weights.error();
    }
    Result<std::optional<Quantizer>> activations =
        readQuantizer(options.activations.empty() ? options.format : options.activations);
    if (activations.hasError()) {
        return activations.error();
    }
    std::optional<Quantizer> rounding = std::move(activations).value();
    if (rounding && options.activations.empty()) {
        rounding = rounding->withoutWeightMethods();
    }
    Assignment assignment(layers, {weights.value(), rounding});
    return assignment;
}

Result<void> readScheme(const EvaluateOptions& options, Task& task) {
    if (options.design.empty()) {
        Result<Assignment> assignment =
            uniformAssignment(options, task.fitted.network->layers.size());
        if (assignment.hasError()) {
            return assignment.error();
        }
        task.assignment = std::move(assignment).value();
        // What stores no weights (two computed matrices) has none to round; what looks up places
        // computes with nothing that could be.
        for (std::size_t i = 0; i < task.assignment.size(); ++i) {
            if (task.fitted.network->layers[i].weight.empty()) {
                task.assignment[i].weights.reset();
            }
            if (task.fitted.network->layers[i].input.empty()) {
                task.assignment[i].activations.reset();
            }
        }
        return {};
    }
    const Result<exporters::DesignFile> design = exporters::readDesignFile(options.design);
    if (design.hasError()) {
        return design.error();
    }
    Result<Assignment> assignment = exporters::assignmentFor(design.value(), *task.fitted.network);
    if (assignment.hasError()) {
        return assignment.error().within(options.design);
    }
    task.assignment = std::move(assignment).value();
    task.accelerator = design.value().accelerator;
    return {};
}

/// The split that was asked for; else the one kept for the last test, else the one to search on.
Result<data::Role> chooseRole(const EvaluateOptions& options, const data::DataSet& data) {
    std::vector<data::Role> wanted = {data::Role::Test, data::Role::Search,
                                      data::Role::Calibration};
    if (!options.split.empty()) {
        std::erase_if(wanted,
                      [&](data::Role role) { return data::roleName(role) != options.split; });
    }
    for (const data::Role role : wanted) {
        if (data.splits.contains(role)) {
            return role;
        }
    }
    return Error{"the data has no such split", "--split " + options.split,
                 "choose calibration, search or test"};
}

Result<void> prepare(const EvaluateOptions& options, Task& task) {
    std::vector<quantization::Preparation> list;
    for (const std::string& name : options.preparations) {
        const Result<quantization::Preparation> read = quantization::Preparation::parse(name);
        if (read.hasError()) {
            return read.error().within("--prepare");
        }
        list.push_back(read.value());
    }
    const auto& splits = task.fitted.data.splits;
    const auto calibration = splits.find(data::Role::Calibration);
    Result<std::shared_ptr<const network::Network>> prepared = exploration::prepareNetwork(
        task.fitted.network, list,
        calibration == splits.end() ? splits.at(task.role) : calibration->second);
    if (prepared.hasError()) {
        return prepared.error();
    }
    task.fitted.network = std::move(prepared).value();
    return {};
}

Result<Task> loadTask(const EvaluateOptions& options) {
    const Result<data::DataDescription> description = data::describeData(options.data);
    if (description.hasError()) {
        return description.error();
    }
    const Result<data::DataSet> loaded = data::loadDataSet(description.value());
    if (loaded.hasError()) {
        return loaded.error();
    }
    Result<study::FittedNetwork> fitted =
        study::loadFittedNetwork(options.model.source, loaded.value());
    if (fitted.hasError()) {
        return fitted.error();
    }
    Task task;
    task.fitted = std::move(fitted).value();
    const Result<data::Role> role = chooseRole(options, task.fitted.data);
    if (role.hasError()) {
        return role.error();
    }
    task.role = role.value();
    if (const Result<void> prepared = prepare(options, task); prepared.hasError()) {
        return prepared.error();
    }
    if (const Result<void> read = readScheme(options, task); read.hasError()) {
        return read.error();
    }
    return task;
}

/// --metric, else what the description of the data asks for.
Result<std::optional<data::Metric>> wantedMetric(const EvaluateOptions& options,
                                                 const data::DataSet& data) {
    if (options.metric.empty()) {
        return data.metric;
    }
    const std::optional<data::Metric> metric = data::findMetric(options.metric);
    return metric.has_value() ? Result<std::optional<data::Metric>>(metric)
                              : Error{"there is no such metric", "--metric " + options.metric,
                                      "give " + text::join(data::metricKeys(), ", ")};
}

Result<Outcome> measure(const Task& task, const EvaluateOptions& options, int threads) {
    const auto& splits = task.fitted.data.splits;
    data::Samples samples = splits.at(task.role);
    if (options.limit > 0) {
        samples = samples.slice(0, std::min(options.limit, samples.count()));
    }
    const auto calibration = splits.find(data::Role::Calibration);
    const Result<std::optional<data::Metric>> metric = wantedMetric(options, task.fitted.data);
    if (metric.hasError()) {
        return metric.error();
    }
    const Result<std::size_t> memory = readMemoryOption(options.memory);
    if (memory.hasError()) {
        return memory.error();
    }
    auto evaluator = exploration::makePopulationEvaluator(
        task.fitted.network, calibration == splits.end() ? samples : calibration->second, samples,
        threads, metric.value(), memory.value());
    if (evaluator.hasError()) {
        return evaluator.error();
    }
    auto answer = evaluator.value()->evaluate({&task.assignment, 1}, {}, {});
    if (answer.outcome != JobOutcome::Finished) {
        return answer.error;
    }
    Outcome outcome;
    outcome.metric = evaluator.value()->metric();
    outcome.measured = answer.measurements.front();
    outcome.costs = exploration::computeCosts(task.fitted.network->layers, task.assignment,
                                              task.accelerator, {*task.fitted.network, {}});
    Result<exploration::ResolvedLayers> layers = evaluator.value()->resolve(task.assignment);
    if (layers.hasError()) {
        return layers.error();
    }
    outcome.layers = std::move(layers).value();
    if (options.integer.wanted) {
        Result<exploration::IntegerEvaluation> integers =
            runIntegers(options.integer, *task.fitted.network, *evaluator.value(), task.assignment,
                        samples, threads);
        if (integers.hasError()) {
            return integers.error();
        }
        outcome.integers = std::move(integers).value();
    }
    return outcome;
}

nlohmann::json finite(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

/// What each layer uses, and how much of it was pruned or saturates.
nlohmann::ordered_json layersJson(const Task& task, const exploration::ResolvedLayers& resolved) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < task.assignment.size(); ++i) {
        const auto& weights = resolved.weights[i];
        const auto& activations = resolved.activations[i];
        layers.push_back({{"name", task.fitted.network->layers[i].name},
                          {"weights", formatName(task.assignment[i].weights)},
                          {"activations", formatName(task.assignment[i].activations)},
                          {"sparsity", weights ? weights->sparsity : 0},
                          {"stored_bits", weights ? weights->storedBits : 32},
                          {"weights_clipped", weights ? weights->clippedShare : 0},
                          {"activations_clipped", activations ? activations->clippedShare : 0}});
    }
    return layers;
}

void printLayers(const Task& task, const exploration::ResolvedLayers& resolved, std::ostream& out) {
    const auto percent = [](double share) {
        std::ostringstream text;
        text << std::setprecision(3) << 100 * share << " %";
        return text.str();
    };
    std::vector<std::vector<std::string>> rows = {
        {"layer", "weights", "pruned", "clipped", "activations", "clipped"}};
    for (std::size_t i = 0; i < task.assignment.size(); ++i) {
        const auto& weights = resolved.weights[i];
        const auto& activations = resolved.activations[i];
        rows.push_back({task.fitted.network->layers[i].name, formatName(task.assignment[i].weights),
                        weights ? percent(weights->sparsity) : "-",
                        weights ? percent(weights->clippedShare) : "-",
                        formatName(task.assignment[i].activations),
                        activations ? percent(activations->clippedShare) : "-"});
    }
    out << '\n';
    printTable(rows, out);
}

void reportJson(Context& context, const Task& task, const Outcome& outcome) {
    const data::Samples& samples = task.fitted.data.splits.at(task.role);
    const exploration::Measurement& measured = outcome.measured;
    nlohmann::ordered_json document = {{"metric", data::metricKey(outcome.metric)},
                                       {"value", finite(measured.metric)}};
    if (samples.targets.empty()) {
        document["correct"] = measured.correct;
    }
    const exploration::Quantity& quantity =
        exploration::quantity(exploration::quantityOf(outcome.metric));
    document["better"] =
        quantity.direction == exploration::Direction::Maximize ? "higher" : "lower";
    document["samples"] = measured.samples;
    document["interval"] = {finite(measured.interval.low), finite(measured.interval.high)};
    document["kl"] = finite(measured.kl);
    document["output_mse"] = finite(measured.outputMse);
    document["bops"] = outcome.costs.bops;
    document["macs"] = outcome.costs.macs;
    document["weight_bits"] = outcome.costs.weightBits;
    document["cycles"] = outcome.costs.cycles;
    document["conversions"] = outcome.costs.conversions;
    document["split"] = data::roleName(task.role);
    document["accelerator"] = task.accelerator.name();
    document["layers"] = layersJson(task, outcome.layers);
    if (outcome.integers) {
        document["integer"] = integerJson(*outcome.integers);
    }
    context.out << document.dump(2) << '\n';
}

void reportText(Context& context, const Task& task, const Outcome& outcome) {
    const data::Samples& samples = task.fitted.data.splits.at(task.role);
    const exploration::Measurement& measured = outcome.measured;
    context.out << data::metricKey(outcome.metric) << "  " << measured.metric
                << "  (95 %: " << measured.interval.low << " to " << measured.interval.high << ")";
    if (samples.targets.empty()) {
        context.out << "  " << measured.correct << " of " << measured.samples;
    } else {
        context.out << "  " << measured.samples << " samples";
    }
    context.out << " of the " << data::roleName(task.role) << " split\n"
                << "KL to the float network   " << measured.kl << " nat\n"
                << "output MSE                " << measured.outputMse << '\n'
                << "MACs                      " << outcome.costs.macs << '\n'
                << "BOPs                      " << outcome.costs.bops << '\n'
                << "weight bits               " << outcome.costs.weightBits << '\n'
                << "cycles on " << task.accelerator.name() << "        " << outcome.costs.cycles
                << "\nconverted elements        " << outcome.costs.conversions << '\n';
    const bool isFloat = std::all_of(task.assignment.begin(), task.assignment.end(),
                                     [](const quantization::LayerScheme& scheme) {
                                         return scheme == quantization::LayerScheme{};
                                     });
    if (!isFloat) {
        printLayers(task, outcome.layers, context.out);
    }
    if (outcome.integers) {
        printIntegers(*outcome.integers, context.out);
    }
}

void evaluate(Context& context, const EvaluateOptions& options) {
    const Result<Task> task = loadTask(options);
    if (task.hasError()) {
        return context.fail(task.error());
    }
    for (const std::string& warning : task.value().fitted.data.warnings) {
        context.err << "warning: " << warning << '\n';
    }
    const Result<Outcome> outcome = measure(task.value(), options, context.threads);
    if (outcome.hasError()) {
        return context.fail(outcome.error());
    }
    if (outcome.value().integers) {
        for (const std::string& warning : outcome.value().integers->warnings) {
            context.err << "warning: " << warning << '\n';
        }
    }
    if (context.json) {
        reportJson(context, task.value(), outcome.value());
    } else {
        reportText(context, task.value(), outcome.value());
    }
}

}  // namespace

void addEvaluateCommand(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("evaluate", "The metric of one design on a data set");
    const auto options = std::make_shared<EvaluateOptions>();
    addModelOptions(*command, options->model);
    command->add_option("--data", options->data, "A data description, or a file or folder")
        ->required();
    auto* design = command->add_option("--design", options->design, "A design file");
    command
        ->add_option("--format", options->format,
                     "Number format of all weights and activations; none: the float network")
        ->excludes(design);
    command->add_option("--weights", options->weights, "Quantizer of all weights, or float")
        ->excludes(design);
    command
        ->add_option("--activations", options->activations,
                     "Quantizer of all layers' inputs, or float")
        ->excludes(design);
    command->add_option("--metric", options->metric,
                        "What is measured, for instance auc; none: what suits the data");
    command->add_option("--split", options->split, "calibration, search or test");
    command->add_option("--limit", options->limit, "The first N samples only")
        ->check(CLI::PositiveNumber);
    command
        ->add_option("--prepare", options->preparations,
                     "What is done to the float network first: equalize, smoothquant0.5, batchnorm")
        ->delimiter(',');
    addMemoryOption(*command, options->memory);
    addIntegerOptions(*command, options->integer);
    command->callback([&context, options] { evaluate(context, *options); });
}

}  // namespace bitloupe::cli
