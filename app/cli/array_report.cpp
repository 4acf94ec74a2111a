// SPDX-License-Identifier: Apache-2.0
#include "app/cli/array_report.h"

#include <algorithm>
#include <ostream>

#include "core/hardware/cost.h"
#include "core/hardware/layer_energy.h"

namespace bitloupe::cli {

using namespace hardware;  // NOLINT(google-build-using-namespace)
using nlohmann::json;

namespace {

json numberOrNull(const std::optional<Figure>& figure) {
    return figure ? json(figure->value) : json(nullptr);
}

json rangeOrNull(const std::optional<Figure>& figure) {
    return figure ? json{figure->low, figure->high} : json(nullptr);
}

}  // namespace

json arrayDesignJson(const ArrayDesign& design) {
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

namespace {

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
json layersJson(const ArrayReport& report, const ArrayDesign& best) {
    Accelerator array = best.accelerator;
    std::vector<Dataflow> dataflows = best.dataflows;
    dataflows.resize(report.workloads.size(), array.dataflow);
    const NetworkCost cost = networkCost(report.workloads, array, dataflows, report.reuse);
    json layers = json::array();
    for (std::size_t i = 0; i < report.workloads.size(); ++i) {
        array.dataflow = dataflows[i];
        layers.push_back(
            layerJson(report.workloads[i], cost.layers[i],
                      layerEnergy(cost.layers[i], report.workloads[i], array, *report.energy)));
    }
    return layers;
}

}  // namespace

void printArray(const ArrayDesign& design, std::ostream& out) {
    constexpr double kMillion = 1e-6;
    out << design.accelerator.name() << ": " << design.cycles << " cycles, " << design.stallCycles
        << " stalls, " << 100 * design.utilization << " % used";
    if (design.energy) {
        out << ", " << design.energy->value * kMillion << " uJ (" << design.energy->low * kMillion
            << " to " << design.energy->high * kMillion << ")";
    }
    if (design.area) {
        out << ", " << design.area->value * kMillion << " mm2 of arithmetic";
    }
}

json arraySearchJson(const ArrayReport& report, const ArraySearchResult& result) {
    json designs = json::array();
    for (const ArrayDesign& design : result.designs) {
        designs.push_back(arrayDesignJson(design));
    }
    json document = {{"designs", designs},
                     {"best", nullptr},
                     {"evaluated", result.evaluated},
                     {"within_limits", result.withinLimits},
                     {"energy_table", report.energy->name()}};
    if (!result.designs.empty()) {
        document["best"] = designs.front();
        document["layers"] = layersJson(report, result.designs.front());
        const auto& energy = result.designs.front().energy;
        document["energy_source"] = energy ? json(energy->source) : json(nullptr);
    }
    return document;
}

void printArraySearch(const ArrayReport& report, const ArraySearchResult& result,
                      std::ostream& out) {
    constexpr std::size_t kShown = 20;
    std::int64_t macs = 0;
    for (const Workload& workload : report.workloads) {
        macs += workload.gemm.macs();
    }
    out << report.workloads.size() << " layers, " << macs << " MACs; " << result.evaluated
        << " arrays, " << result.withinLimits << " within the limits\n";
    for (std::size_t i = 0; i < std::min(kShown, result.designs.size()); ++i) {
        printArray(result.designs[i], out);
        out << '\n';
    }
    if (!result.designs.empty()) {
        out << "energy and area: " << report.energy->name() << '\n';
    }
}

}  // namespace bitloupe::cli
