// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "core/base/text.h"
#include "core/execution/executor.h"
#include "core/exploration/design_workloads.h"
#include "core/hardware/array_search.h"
#include "core/hardware/cost.h"
#include "core/hardware/presets.h"

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
    auto graph = importers::importNetwork(options.model.source);
    if (graph.hasError()) {
        return graph.error();
    }
    auto network =
        execution::makeNetwork(graph.value(), options.model.source.model, shapes.value());
    if (network.hasError()) {
        return network.error().within(options.model.source.model);
    }
    job.network = std::move(network).value();
    job.workloads = exploration::formattedWorkloads(job.network, weights.value(), activations.value());
    for (Workload& workload : job.workloads) {
        workload.vectorOperations = options.vectorUnit ? workload.vectorOperations : 0;
    }
    if (job.workloads.empty()) {
        return Error{"the network has no layer that multiplies", options.model.source.model,
                     "give a network with convolutions or matrix products"};
    }
    return {};
}

json numberOrNull(const std::optional<Figure>& figure) {
    return figure ? json(figure->value) : json(nullptr);
}

json rangeOrNull(const std::optional<Figure>& figure) {
    return figure ? json{figure->low, figure->high} : json(nullptr);
}

json designJson(const ArrayDesign& design) {
    const Accelerator& a = design.accelerator;
    const auto power = design.powerMilliwatts();
    json entry = {{"rows", a.rows},
                  {"columns", a.columns},
                  {"dataflow", dataflowName(a.dataflow)},
                  {"cycles", design.cycles},
                  {"stalls", design.stallCycles},
                  {"utilization", design.utilization},
                  {"energy_pj", numberOrNull(design.energy)},
                  {"energy_pj_range", rangeOrNull(design.energy)},
                  {"area_um2", numberOrNull(design.area)},
                  {"area_um2_range", rangeOrNull(design.area)},
                  {"power_mw", power ? json(*power) : json(nullptr)},
                  {"seconds", static_cast<double>(design.cycles) / (a.clockMhz * 1e6)},
                  {"element", processingElementName(a.element)},
                  {"ifmap_bytes", a.ifmapBytes},
                  {"filter_bytes", a.filterBytes},
                  {"ofmap_bytes", a.ofmapBytes},
                  {"bandwidth", a.bandwidth}};
    for (const Dataflow dataflow : design.dataflows) {
        entry["layer_dataflows"].push_back(dataflowName(dataflow));
    }
    return entry;
}

json energyJson(const LayerEnergy& energy) {
    return {{"arithmetic", numberOrNull(energy.arithmetic)},
            {"ifmap_buffer", numberOrNull(energy.ifmapBuffer)},
            {"filter_buffer", numberOrNull(energy.filterBuffer)},
            {"ofmap_buffer", numberOrNull(energy.ofmapBuffer)},
            {"dram", numberOrNull(energy.dram)},
            {"total", numberOrNull(energy.total())}};
}

json layerJson(const Workload& workload, const LayerCost& cost, const LayerEnergy& energy) {
    const Gemm& gemm = workload.gemm;
    return {{"name", workload.name},
            {"gemm", {{"m", gemm.m}, {"k", gemm.k}, {"n", gemm.n}, {"count", gemm.count}}},
            {"macs", cost.macs},
            {"cycles", cost.cycles},
            {"stalls", cost.stallCycles()},
            {"utilization", cost.utilization},
            {"bottleneck", bottleneckName(cost.bottleneck)},
            {"roofline_distance", cost.rooflineDistance()},
            {"vector_operations", workload.vectorOperations},
            {"dram_bytes",
             {{"ifmap", cost.dram.ifmap},
              {"filter", cost.dram.filter},
              {"ofmap", cost.dram.ofmap},
              {"partial_sums", cost.dram.partialReads + cost.dram.partialWrites}}},
            {"energy_pj", energyJson(energy)},
            {"bops",
             bitOperations({gemm, workload.weightBits, workload.activationBits, workload.density})},
            {"ebops", effectiveBitOperations(workload)},
            {"weight_bytes", weightBits(workload) / 8}};
}

/// The layers of the best design one by one.
json layersJson(const Job& job, const ArrayDesign& best) {
    Accelerator array = best.accelerator;
    std::vector<Dataflow> dataflows = best.dataflows;
    dataflows.resize(job.workloads.size(), array.dataflow);
    const NetworkCost cost = networkCost(job.workloads, array, dataflows, job.search.reuse);
    json layers = json::array();
    for (std::size_t i = 0; i < job.workloads.size(); ++i) {
        array.dataflow = dataflows[i];
        layers.push_back(
            layerJson(job.workloads[i], cost.layers[i],
                      layerEnergy(cost.layers[i], job.workloads[i], array, job.energy)));
    }
    return layers;
}

void printJson(const Job& job, const ArraySearchResult& result, std::ostream& out) {
    json designs = json::array();
    for (const ArrayDesign& design : result.designs) {
        designs.push_back(designJson(design));
    }
    json document = {{"designs", designs},
                     {"best", nullptr},
                     {"evaluated", result.evaluated},
                     {"within_limits", result.withinLimits},
                     {"energy_table", job.energy.name()}};
    if (!result.designs.empty()) {
        document["best"] = designs.front();
        document["layers"] = layersJson(job, result.designs.front());
        const auto& energy = result.designs.front().energy;
        document["energy_source"] = energy ? json(energy->source) : json(nullptr);
    }
    out << document.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

void printTable(const Job& job, const ArraySearchResult& result, std::ostream& out) {
    constexpr std::size_t kShown = 20;
    out << job.workloads.size() << " layers, " << job.network.macs() << " MACs; "
        << result.evaluated << " arrays, " << result.withinLimits << " within the limits\n";
    for (std::size_t i = 0; i < std::min(kShown, result.designs.size()); ++i) {
        const ArrayDesign& design = result.designs[i];
        out << design.accelerator.name() << ": " << design.cycles << " cycles, "
            << design.stallCycles << " stalls, " << 100 * design.utilization << " % used";
        if (design.energy) {
            out << ", " << design.energy->value * 1e-6 << " uJ (" << design.energy->low * 1e-6
                << " to " << design.energy->high * 1e-6 << ")";
        }
        if (design.area) {
            out << ", " << design.area->value * 1e-6 << " mm2 of arithmetic";
        }
        out << '\n';
    }
    if (!result.designs.empty()) {
        out << "energy and area: " << job.energy.name() << '\n';
    }
}

Result<void> accelerate(const Options& options, Context& context) {
    Job job;
    for (const Result<void>& step : {chooseSpace(options, job), chooseSearch(options, context, job),
                                     loadWorkloads(options, job)}) {
        if (step.hasError()) {
            return step;
        }
    }
    const auto result = searchArrays(job.workloads, job.space, job.search);
    if (result.hasError()) {
        return result.error();
    }
    context.json ? printJson(job, result.value(), context.out)
                 : printTable(job, result.value(), context.out);
    return {};
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
    command.add_option(
        "--accelerator", options.accelerator,
        "Everything else from a preset or a YAML file: " + text::join(presetNames(), ", "));
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
    CLI::App* command = app.add_subcommand("accelerate", "Find the array that suits a network");
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
