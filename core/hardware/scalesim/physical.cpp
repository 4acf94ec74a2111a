// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/scalesim/physical.h"

#include <algorithm>
#include <cmath>

#include "core/base/text.h"

namespace bitloupe::hardware::scalesim {

namespace {

constexpr std::int64_t kBytesPerKb = 1024;

double real(std::int64_t value) {
    return static_cast<double>(value);
}

std::int64_t words(double bytes, double bits) {
    return bits > 0 ? std::llround(bytes * 8 / bits) : 0;
}

Workload workloadOf(const Layer& layer, const Configuration& configuration) {
    Workload workload;
    workload.name = layer.name;
    workload.gemm = configuration.sparsity ? layer.sparseGemm() : layer.gemm();
    // What lies outside the windows is never read, whether the stride jumps over it or not.
    const auto touched = [](std::int64_t size, std::int64_t filter, std::int64_t outputs,
                            std::int64_t stride) {
        return std::min(size,
                        stride <= filter ? (outputs - 1) * stride + filter : outputs * filter);
    };
    workload.inputElements =
        touched(layer.ifmapHeight, layer.filterHeight, layer.ofmapHeight(), layer.strideHeight) *
        touched(layer.ifmapWidth, layer.filterWidth, layer.ofmapWidth(), layer.strideWidth) *
        layer.channels;
    workload.haloElements = layer.filterHeight * layer.ifmapWidth * layer.channels;
    workload.weightBits = real(configuration.weightBits);
    workload.activationBits = real(configuration.activationBits);
    workload.outputBits = real(configuration.outputBits);
    workload.accumulatorBits = real(configuration.accumulatorBits);
    return workload;
}

}  // namespace

Accelerator physicalAccelerator(const Configuration& configuration) {
    Accelerator accelerator = configuration.array;
    accelerator.ifmapBytes = configuration.ifmapKb * kBytesPerKb;
    accelerator.filterBytes = configuration.filterKb * kBytesPerKb;
    accelerator.ofmapBytes = configuration.ofmapKb * kBytesPerKb;
    accelerator.bandwidth =
        configuration.mode == InterfaceMode::User ? real(configuration.bandwidth) : 0;
    return accelerator;
}

Configuration configurationOf(const Accelerator& accelerator, const std::string& name) {
    Configuration configuration;
    configuration.runName = name;
    configuration.array.rows = accelerator.rows;
    configuration.array.columns = accelerator.columns;
    configuration.array.dataflow = accelerator.dataflow;
    configuration.array.element = accelerator.element;
    configuration.array.sharedBandwidth = accelerator.sharedBandwidth;
    configuration.array.clockMhz = accelerator.clockMhz;
    configuration.array.vectorLanes = accelerator.vectorLanes;
    configuration.ifmapKb = ceilDivide(accelerator.ifmapBytes, kBytesPerKb);
    configuration.filterKb = ceilDivide(accelerator.filterBytes, kBytesPerKb);
    configuration.ofmapKb = ceilDivide(accelerator.ofmapBytes, kBytesPerKb);
    if (accelerator.bandwidth > 0) {
        configuration.mode = InterfaceMode::User;
        configuration.bandwidth = std::max<std::int64_t>(1, std::llround(accelerator.bandwidth));
    }
    return configuration;
}

std::vector<Workload> physicalWorkloads(std::span<const Layer> layers,
                                        const Configuration& configuration) {
    std::vector<Workload> workloads;
    workloads.reserve(layers.size());
    for (const Layer& layer : layers) {
        workloads.push_back(workloadOf(layer, configuration));
    }
    return workloads;
}

LayerReport physicalReport(const LayerCost& cost, const Workload& workload,
                           const Accelerator& accelerator) {
    const Mapping& mapping = cost.mapping;
    LayerReport report;
    report.totalCycles = cost.cycles;
    report.stallCycles = cost.stallCycles();
    report.overallUtilization = 100 * cost.utilization;
    report.mappingEfficiency = 100 * real(mapping.spatialRows * mapping.spatialColumns) /
                               real(mapping.folds() * accelerator.processingElements());
    report.computeUtilization =
        100 * cost.utilization * real(cost.cycles) / real(cost.computeCycles);
    const std::int64_t end = cost.arrayEnd - 1;
    report.sramIfmap = {cost.coldStart, end, std::llround(cost.sram.ifmapReads)};
    report.sramFilter = {cost.coldStart, end, std::llround(cost.sram.filterReads)};
    report.sramOfmap = {cost.coldStart, end, std::llround(cost.sram.ofmapWrites)};
    const std::int64_t loaded = std::max<std::int64_t>(cost.lastLoad - 1, 0);
    report.dramIfmap = {0, loaded, words(cost.dram.ifmap, workload.activationBits)};
    report.dramFilter = {0, loaded, words(cost.dram.filter, workload.weightBits)};
    report.dramOfmap = {std::min(cost.firstWrite, cost.cycles - 1), cost.cycles - 1,
                        words(cost.dram.ofmap, workload.outputBits) +
                            words(cost.dram.partialWrites, workload.accumulatorBits)};
    return report;
}

std::string physicalReportText(std::span<const Workload> workloads,
                               std::span<const LayerCost> costs) {
    std::string text =
        "LayerID, Name, M, K, N, Count, MACs, Cycles, Compute Cycles, Stall Cycles, Cold Start, "
        "Roofline Cycles, Distance To Roofline, Bottleneck, DRAM IFMAP Bytes, DRAM Filter Bytes, "
        "DRAM OFMAP Bytes, DRAM Partial Sum Bytes,\n";
    for (std::size_t i = 0; i < costs.size(); ++i) {
        const LayerCost& cost = costs[i];
        const Gemm& gemm = workloads[i].gemm;
        std::vector<std::string> fields = {std::to_string(i), workloads[i].name};
        for (const std::int64_t value : {gemm.m, gemm.k, gemm.n, gemm.count, cost.macs, cost.cycles,
                                         cost.computeCycles, cost.stallCycles(), cost.coldStart}) {
            fields.push_back(std::to_string(value));
        }
        fields.push_back(text::number(cost.rooflineCycles));
        fields.push_back(text::number(cost.rooflineDistance()));
        fields.emplace_back(bottleneckName(cost.bottleneck));
        for (const double bytes : {cost.dram.ifmap, cost.dram.filter, cost.dram.ofmap,
                                   cost.dram.partialReads + cost.dram.partialWrites}) {
            fields.push_back(text::number(std::round(bytes * 1e3) / 1e3));  // sums of shares
        }
        text += text::join(fields, ", ") + ",\n";
    }
    return text;
}

}  // namespace bitloupe::hardware::scalesim
