// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "app/cli/array_report.h"
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/result_document.h"
#include "core/base/text.h"
#include "core/execution/executor.h"
#include "core/exploration/design_workloads.h"
#include "core/hardware/array_search.h"
#include "core/hardware/presets.h"
#include "core/study/fitted_network.h"
#include "core/study/network_file.h"

namespace bitloupe::cli {

namespace {

using namespace hardware;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

struct Options {
    ModelOptions model;
    std::string accelerator;
    std::string energyTable = "horowitz-45nm";
    std::string dataflows;
    std::string objective = "cycles";
    std::string strategy = "exhaustive";
    std::string weights = "int8";
    std::string activations = "int8";
    bool vectorUnit = false;
    ArraySpace space;
    ArraySearchOptions search;
};

/// Everything a search needs, checked.
struct Job {
    network::Network network;
    std::vector<Workload> workloads;
    EnergyTable energy;
    ArraySpace space;
    ArraySearchOptions search;
};

Result<void> chooseSpace(const Options& options, Job& job) {
    job.space = options.space;
    if (!options.accelerator.empty()) {
        const auto preset = presetOrFile(options.accelerator);
        if (preset.hasError()) {
            return preset.error();
        }
        job.space.base = preset.value().accelerator;
    }
    if (options.dataflows.empty()) {
        if (options.accelerator.empty()) {
            job.space.dataflows.assign(kAllDataflows.begin(), kAllDataflows.end());
        }
        return {};
    }
    for (const std::string& name : text::split(options.dataflows, ',')) {
        const auto dataflow = parseDataflow(text::trim(name));
        if (dataflow.hasError()) {
            return dataflow.error().within("--dataflow");
        }
        job.space.dataflows.push_back(dataflow.value());
    }
    return {};
}

Result<void> chooseSearch(const Options& options, const Context& context, Job& job) {
    const auto objective = parseArrayObjective(options.objective);
    if (objective.hasError()) {
        return objective.error().within("--objective");
    }
    const auto strategy = parseArrayStrategy(options.strategy);
    if (strategy.hasError()) {
        return strategy.error().within("--strategy");
    }
    auto table = energyTable(options.energyTable);
    if (table.hasError()) {
        return table.error().within("--energy-table");
    }
    job.energy = std::move(table).value();
    job.search = options.search;
    job.search.objective = objective.value();
    job.search.strategy = strategy.value();
    job.search.energy = &job.energy;
    job.search.seed = context.seed;
    job.search.threads = context.threads > 0
                             ? context.threads
                             : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return {};
}

void keepVectorWork(const Options& options, Job& job) {
    for (Workload& workload : job.workloads) {
        workload.vectorOperations = options.vectorUnit ? workload.vectorOperations : 0;
    }
}

Result<void> loadWorkloads(const Options& options, Job& job) {
    const auto weights = numerics::NumberFormat::parse(options.weights);
    if (weights.hasError()) {
        return weights.error().within("--weights");
    }
    const auto activations = numerics::NumberFormat::parse(options.activations);
    if (activations.hasError()) {
        return activations.error().within("--activations");
    }
    const auto shapes = options.model.inputShapes();
    if (shapes.hasError()) {
        return shapes.error();
    }
    auto graph = study::openNetwork(options.model.source, shapes.value());
    if (graph.hasError()) {
        return graph.error();
    }
    auto network =
        execution::makeNetwork(graph.value(), options.model.source.model, shapes.value());
    if (network.hasError()) {
        return network.error().within(options.model.source.model);
    }
    job.network = std::move(network).value();
    job.workloads =
        exploration::formattedWorkloads(job.network, weights.value(), activations.value());
    keepVectorWork(options, job);
    if (job.workloads.empty()) {
        return Error{"the network has no layer that multiplies", options.model.source.model,
                     "give a network with convolutions or matrix products"};
    }
    return {};
}

Result<void> accelerateNetwork(const Options& options, Job& job, Context& context) {
    if (Result<void> loaded = loadWorkloads(options, job); loaded.hasError()) {
        return loaded;
    }
    const auto result = searchArrays(job.workloads, job.space, job.search);
    if (result.hasError()) {
        return result.error();
    }
    const ArrayReport report{job.workloads, &job.energy, job.search.reuse};
    if (context.json) {
        context.out << arraySearchJson(report, result.value())
                           .dump(2, ' ', false, json::error_handler_t::replace)
                    << '\n';
    } else {
        printArraySearch(report, result.value(), context.out);
    }
    return {};
}

/// The best array for the widths of every design on a study's front: accuracy is known already, so
/// the array never costs another measurement.
Result<void> accelerateFront(const Options& options, Job& job, Context& context) {
    const Result<Results> results = loadResults(options.model.source.model);
    if (results.hasError()) {
        return results.error();
    }
    const auto data = data::loadDataSet(results.value().study.data);
    if (data.hasError()) {
        return data.error();
    }
    const auto fitted =
        study::loadFittedNetwork(study::networkOf(results.value().study), data.value());
    if (fitted.hasError()) {
        return fitted.error();
    }
    json front = json::array();
    job.search.keep = 1;
    for (const exploration::Evaluation& design : results.value().front()) {
        job.workloads = exploration::designWorkloads(
            *fitted.value().network, results.value().space.assignment(design.design));
        keepVectorWork(options, job);
        const auto found = searchArrays(job.workloads, job.space, job.search);
        if (found.hasError()) {
            return found.error();
        }
        const auto& best = found.value().designs;
        if (context.json) {
            json entry =
                evaluationJson(design, results.value().space, results.value().study.objectives);
            entry["best"] = best.empty() ? json(nullptr) : arrayDesignJson(best.front());
            front.push_back(std::move(entry));
            continue;
        }
        context.out << "design " << design.id << ", accuracy "
                    << valueText(exploration::QuantityId::Accuracy, design.measured.metric) << ": ";
        if (best.empty()) {
            context.out << "no array within the limits";
        } else {
            printArray(best.front(), context.out);
        }
        context.out << '\n';
    }
    if (context.json) {
        context.out << json{{"front", front}, {"energy_table", job.energy.name()}}.dump(
                           2, ' ', false, json::error_handler_t::replace)
                    << '\n';
    }
    return {};
}

Result<void> accelerate(const Options& options, Context& context) {
    Job job;
    for (const Result<void>& step :
         {chooseSpace(options, job), chooseSearch(options, context, job)}) {
        if (step.hasError()) {
            return step;
        }
    }
    const std::filesystem::path model = options.model.source.model;
    return model.extension() == ".bitloupe" ? accelerateFront(options, job, context)
                                            : accelerateNetwork(options, job, context);
}

void addSpaceOptions(CLI::App& command, Options& options) {
    ArraySpace& space = options.space;
    command.add_option("--rows", space.rows, "Array rows to try")->delimiter(',');
    command.add_option("--columns", space.columns, "Array columns to try")->delimiter(',');
    command
        .add_option("--pe", space.processingElements,
                    "Try the factor pairs of this many processing elements")
        ->check(CLI::Range(std::int64_t{1}, kMaximumArraySide * kMaximumArraySide));
    command.add_option("--dataflow", options.dataflows,
                       "Of os, ws, is (default: all three, or the preset's)");
    command.add_option("--accelerator", options.accelerator,
                       "Everything else from a preset or a file (YAML, or SCALE-Sim's .cfg): " +
                           text::join(presetNames(), ", "));
    command.add_option("--ifmap-bytes", space.ifmapBytes, "Input buffers")->delimiter(',');
    command.add_option("--filter-bytes", space.filterBytes, "Weight buffers")->delimiter(',');
    command.add_option("--ofmap-bytes", space.ofmapBytes, "Output buffers")->delimiter(',');
    command
        .add_option("--bandwidth", space.bandwidths, "DRAM bytes per cycle; 0: no limit (default)")
        ->delimiter(',');
}

void addSearchOptions(CLI::App& command, Options& options) {
    ArraySearchOptions& search = options.search;
    command.add_option("--objective", options.objective, "cycles, energy or edp");
    command.add_option("--strategy", options.strategy, "exhaustive, genetic or annealing");
    command.add_option("--evaluations", search.evaluations, "Of genetic and annealing")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100000000}));
    command.add_option("--weights", options.weights, "Number format of the weights");
    command.add_option("--activations", options.activations, "Number format of the activations");
    command.add_option("--energy-table", options.energyTable,
                       "A table or a YAML file: " + text::join(energyTableNames(), ", "));
    command.add_option("--max-area", search.limits.areaUm2, "um2 of arithmetic");
    command.add_option("--max-power", search.limits.powerMilliwatts, "mW");
    command.add_option("--max-bandwidth", search.limits.bandwidth, "Bytes per cycle");
    command.add_option("--keep", search.keep, "Designs in the answer (default 100)")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100000}));
    command.add_flag("--dataflow-per-layer", search.dataflowPerLayer,
                     "Each layer in its best dataflow");
    command.add_flag("--vector-unit", options.vectorUnit,
                     "Count activations, additions and normalizations as well");
    command.add_flag("--reuse", search.reuse, "Outputs that fit stay on the chip");
}

}  // namespace

void addAccelerateCommand(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "accelerate", "Find the array that suits a network, or each design of a study's front");
    addModelOptions(*command, options->model);
    addInputShapeOption(*command, options->model);
    addSpaceOptions(*command, *options);
    addSearchOptions(*command, *options);
    command->callback([options, &context] {
        if (const auto done = accelerate(*options, context); done.hasError()) {
            context.fail(done.error());
        }
    });
}

}  // namespace bitloupe::cli
