// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "app/cli/commands.h"
#include "core/base/file.h"
#include "core/hardware/scalesim/physical.h"
#include "core/hardware/scalesim/reports.h"

namespace bitloupe::cli {

namespace {

using namespace hardware;            // NOLINT(google-build-using-namespace)
using namespace hardware::scalesim;  // NOLINT(google-build-using-namespace)

struct Options {
    std::string configuration;
    std::string topology;
    std::string outputFolder;
    std::string compatible = "none";
    bool gemm = false;
};

/// The layers of a run, whatever made them.
struct Run {
    std::vector<Layer> layers;
    std::vector<LayerReport> reports;
    std::vector<LayerCost> costs;  ///< of the physical model only
};

nlohmann::json layerJson(const Run& run, std::size_t i) {
    const Gemm gemm = run.layers[i].gemm();
    nlohmann::json json = {
        {"name", run.layers[i].name},
        {"gemm", {{"m", gemm.m}, {"k", gemm.k}, {"n", gemm.n}, {"count", gemm.count}}},
        {"macs", gemm.macs()},
        {"cycles", run.reports[i].totalCycles},
        {"stalls", run.reports[i].stallCycles},
        {"utilization", run.reports[i].overallUtilization / 100}};
    if (!run.costs.empty()) {
        json["bottleneck"] = bottleneckName(run.costs[i].bottleneck);
        json["roofline_distance"] = run.costs[i].rooflineDistance();
        json["dram_bytes"] = run.costs[i].dram.total();
    }
    return json;
}

void printLayer(const Run& run, std::size_t i, std::ostream& out) {
    const Gemm gemm = run.layers[i].gemm();
    out << run.layers[i].name << ": " << gemm.m << "x" << gemm.k << " * " << gemm.k << "x" << gemm.n
        << ", " << gemm.macs() << " MACs, " << run.reports[i].totalCycles << " cycles, "
        << run.reports[i].stallCycles << " stalls, " << run.reports[i].overallUtilization
        << " % used";
    if (!run.costs.empty()) {
        out << ", limited by " << bottleneckName(run.costs[i].bottleneck) << ", "
            << run.costs[i].rooflineDistance() << " x the roofline";
    }
    out << '\n';
}

void print(const Run& run, const Accelerator& array, Context& context) {
    std::int64_t cycles = 0;
    std::int64_t stalls = 0;
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
        cycles += run.reports[i].totalCycles;
        stalls += run.reports[i].stallCycles;
        if (context.json) {
            list.push_back(layerJson(run, i));
        }
    }
    if (context.json) {
        const nlohmann::json document = {
            {"array", array.name()}, {"layers", list}, {"cycles", cycles}, {"stalls", stalls}};
        context.out << document.dump(2) << '\n';
        return;
    }
    context.out << array.name()
                << (run.costs.empty() ? ", as SCALE-Sim counts\n" : ", physical model\n");
    for (std::size_t i = 0; i < run.layers.size(); ++i) {
        printLayer(run, i, context.out);
    }
    context.out << "total: " << cycles << " cycles, " << stalls << " stalls\n";
}

int threadCount(const Context& context) {
    return context.threads > 0
               ? context.threads
               : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

/// Fills in the costs and reports and writes the three reports and PHYSICAL_REPORT.csv.
Result<void> simulatePhysically(Run& run, const Configuration& configuration,
                                const std::string& folder) {
    const Accelerator accelerator = physicalAccelerator(configuration);
    const std::vector<Workload> workloads = physicalWorkloads(run.layers, configuration);
    run.costs = networkCost(workloads, accelerator).layers;
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        run.reports.push_back(physicalReport(run.costs[i], workloads[i], accelerator));
    }
    Result<void> written = writeReports(folder, run.reports, Version::V2);
    if (written.hasError()) {
        return written;
    }
    return writeFileAtomically(folder + "/PHYSICAL_REPORT.csv",
                               physicalReportText(workloads, run.costs));
}

void runSimulate(const Options& options, Context& context) {
    const auto configuration = readConfiguration(options.configuration);
    if (configuration.hasError()) {
        return context.fail(configuration.error());
    }
    const auto layers = readTopology(options.topology,
                                     options.gemm ? TopologyKind::Gemm : TopologyKind::Convolution);
    if (layers.hasError()) {
        return context.fail(layers.error());
    }
    Run run{layers.value(), {}, {}};
    const Version version = options.compatible == "v3" ? Version::V3 : Version::V2;
    Result<void> written;
    if (options.compatible == "none") {
        written = simulatePhysically(run, configuration.value(), options.outputFolder);
    } else {
        run.reports =
            simulateLayers(run.layers, configuration.value(), version, threadCount(context));
        written = writeReports(options.outputFolder, run.reports, version);
    }
    if (written.hasError()) {
        return context.fail(written.error(), kWorkFailed);
    }
    print(run, configuration.value().array, context);
}

}  // namespace

void addSimulateCommand(CLI::App& app, Context& context) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand(
        "simulate", "Run the accelerator on a SCALE-Sim configuration and topology");
    command->add_option("--config", options->configuration, "A SCALE-Sim .cfg")->required();
    command->add_option("--topology", options->topology, "A SCALE-Sim topology .csv")->required();
    command->add_flag("--gemm", options->gemm, "The topology's rows are NAME, M, N, K");
    command
        ->add_option(
            "--compatible", options->compatible,
            "Reproduce SCALE-Sim v2 or v3, faults included (default none: the physical model)")
        ->check(CLI::IsMember({"none", "v2", "v3"}));
    command->add_option("--output-dir", options->outputFolder, "Where the three reports go")
        ->required();
    command->callback([options, &context] { runSimulate(*options, context); });
}

}  // namespace bitloupe::cli
