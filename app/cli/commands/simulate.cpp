// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "app/cli/commands.h"
#include "core/hardware/scalesim/reports.h"

namespace bitloupe::cli {

namespace {

using namespace hardware;            // NOLINT(google-build-using-namespace)
using namespace hardware::scalesim;  // NOLINT(google-build-using-namespace)

struct Options {
    std::string configuration;
    std::string topology;
    std::string outputFolder;
    std::string compatible = "v2";
    bool gemm = false;
};

nlohmann::json layerJson(const Layer& layer, const LayerReport& report) {
    const Gemm gemm = layer.gemm();
    return {{"name", layer.name},
            {"gemm", {{"m", gemm.m}, {"k", gemm.k}, {"n", gemm.n}, {"count", gemm.count}}},
            {"macs", gemm.macs()},
            {"cycles", report.totalCycles},
            {"stalls", report.stallCycles},
            {"utilization", report.overallUtilization / 100}};
}

void print(const std::vector<Layer>& layers, const std::vector<LayerReport>& reports,
           const Configuration& configuration, Context& context) {
    std::int64_t cycles = 0;
    std::int64_t stalls = 0;
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        cycles += reports[i].totalCycles;
        stalls += reports[i].stallCycles;
        list.push_back(layerJson(layers[i], reports[i]));
    }
    if (context.json) {
        const nlohmann::json document = {{"array", configuration.array.name()},
                                         {"layers", list},
                                         {"cycles", cycles},
                                         {"stalls", stalls}};
        context.out << document.dump(2) << '\n';
        return;
    }
    context.out << configuration.array.name() << ", as SCALE-Sim counts\n";
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const Gemm gemm = layers[i].gemm();
        context.out << layers[i].name << ": " << gemm.m << "x" << gemm.k << " * " << gemm.k << "x"
                    << gemm.n << ", " << gemm.macs() << " MACs, " << reports[i].totalCycles
                    << " cycles, " << reports[i].stallCycles << " stalls, "
                    << reports[i].overallUtilization << " % used\n";
    }
    context.out << "total: " << cycles << " cycles, " << stalls << " stalls\n";
}

int threadCount(const Context& context) {
    return context.threads > 0
               ? context.threads
               : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
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
    const Version version = options.compatible == "v3" ? Version::V3 : Version::V2;
    const auto reports =
        simulateLayers(layers.value(), configuration.value(), version, threadCount(context));
    const auto written = writeReports(options.outputFolder, reports, version);
    if (written.hasError()) {
        return context.fail(written.error(), kWorkFailed);
    }
    print(layers.value(), reports, configuration.value(), context);
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
        ->add_option("--compatible", options->compatible,
                     "Reproduce SCALE-Sim v2 or v3, faults included")
        ->check(CLI::IsMember({"v2", "v3"}))
        ->required();
    command->add_option("--output-dir", options->outputFolder, "Where the three reports go")
        ->required();
    command->callback([options, &context] { runSimulate(*options, context); });
}

}  // namespace bitloupe::cli
