// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/layer_cost.h"

#include <array>
#include <cmath>

#include "core/hardware/cost.h"
#include "core/hardware/fold_traffic.h"

namespace bitloupe::hardware {

namespace {

/// Folds that are told apart; in larger layers neighbours are joined, which keeps both bounds.
constexpr std::int64_t kMaximumSteps = std::int64_t{1} << 22;
/// Sums of millions of rounded fold times may be off by this share; a cycle is a whole number.
constexpr double kRoundingSlack = 1e-9;

double real(std::int64_t value) {
    return static_cast<double>(value);
}

std::int64_t wholeCycles(double cycles) {
    return static_cast<std::int64_t>(std::ceil(cycles * (1 - kRoundingSlack)));
}

/// One connection to DRAM, first come, first served.
struct Channel {
    double cyclesPerByte = 0;
    double freeAt = 0;
    double busy = 0;

    /// Moves `bytes`, not before `earliest`; returns when they are there.
    double transfer(double earliest, double bytes) {
        const double duration = bytes * cyclesPerByte;
        busy += duration;
        if (duration > 0) {
            freeAt = std::max(freeAt, earliest) + duration;
            return freeAt;
        }
        return earliest;
    }
};

/// The clock of the double-buffered model. All it does is to take maxima and sums of times, so that
/// it can only get later when a transfer or a fold gets longer.
class DoubleBuffer {
public:
    explicit DoubleBuffer(const Accelerator& accelerator) : m_shared(accelerator.sharedBandwidth) {
        const double cyclesPerByte = accelerator.bandwidth > 0 ? 1 / accelerator.bandwidth : 0;
        for (Channel& channel : m_channels) {
            channel.cyclesPerByte = cyclesPerByte;
        }
    }

    void step(const FoldBytes& bytes, double computeCycles) {
        // A half of each read buffer is free again as soon as the fold before has started.
        const double inputs = ifmap().transfer(m_started, bytes.ifmap);
        const double weights = filter().transfer(m_started, bytes.filter);
        // Results of the fold before leave; those of the one before that must have left.
        const double written = m_written;
        m_written = ofmap().transfer(m_ended, m_toWrite);
        m_started = std::max({m_ended, inputs, weights, written});
        const double partials = ofmap().transfer(m_written, bytes.partialReads);
        if (m_first) {
            m_coldStart = m_started;
        }
        m_ended = std::max(m_started + computeCycles, bytes.partialReads > 0 ? partials : 0.0);
        if (m_first) {
            m_firstEnd = m_ended;
            m_first = false;
        }
        m_toWrite = bytes.partialWrites + bytes.ofmap;
    }

    /// Writes what is left and returns the end of everything.
    double finish() {
        m_written = std::max(m_written, ofmap().transfer(m_ended, m_toWrite));
        m_toWrite = 0;
        return std::max(m_ended, m_written);
    }

    void describe(LayerCost& cost) const {
        cost.coldStart = wholeCycles(m_coldStart);
        cost.lastLoad = wholeCycles(m_started);
        cost.firstWrite = wholeCycles(m_firstEnd);
        cost.arrayEnd = wholeCycles(m_ended);
    }
    [[nodiscard]] double busiestChannel() const {
        return std::max({m_channels[0].busy, m_channels[1].busy, m_channels[2].busy});
    }

private:
    Channel& ifmap() { return m_channels[0]; }
    Channel& filter() { return m_channels[m_shared ? 0 : 1]; }
    Channel& ofmap() { return m_channels[m_shared ? 0 : 2]; }

    bool m_shared;
    std::array<Channel, 3> m_channels;
    bool m_first = true;
    double m_coldStart = 0;
    double m_firstEnd = 0;
    double m_started = 0;
    double m_ended = 0;
    double m_written = 0;
    double m_toWrite = 0;
};

void addTraffic(DramTraffic& traffic, const FoldBytes& bytes) {
    traffic.ifmap += bytes.ifmap;
    traffic.filter += bytes.filter;
    traffic.ofmap += bytes.ofmap;
    traffic.partialWrites += bytes.partialWrites;
    traffic.partialReads += bytes.partialReads;
}

/// Runs all folds of all products through the clock.
void runMatrix(const Workload& workload, const Accelerator& accelerator, OnChip onChip,
               DoubleBuffer& clock, LayerCost& cost) {
    const FoldTraffic traffic(workload, accelerator, cost.mapping, onChip);
    const std::int64_t folds = cost.mapping.folds();
    const std::int64_t joined = ceilDivide(folds * workload.gemm.count, kMaximumSteps);
    FoldBytes bytes;
    std::int64_t waiting = 0;
    const auto flush = [&] {
        if (waiting > 0) {
            clock.step(bytes, real(waiting * cost.mapping.cyclesPerFold));
            addTraffic(cost.dram, bytes);
            bytes = {};
            waiting = 0;
        }
    };
    for (std::int64_t product = 0; product < workload.gemm.count; ++product) {
        for (std::int64_t fold = 0; fold < folds; ++fold) {
            bytes.add(traffic.fold(fold % cost.mapping.rowFolds, fold / cost.mapping.rowFolds));
            if (++waiting == joined) {
                flush();
            }
        }
    }
    flush();
}

SramAccesses sramAccesses(const Workload& workload, const Accelerator& accelerator,
                          const Mapping& mapping) {
    const double products = real(workload.gemm.count);
    const double inputs = real(workload.gemm.m) * real(workload.gemm.k) * products;
    const double weights = real(workload.gemm.n) * real(workload.gemm.k) * products;
    const double outputs = real(workload.gemm.m) * real(workload.gemm.n) * products;
    const double rowFolds = real(mapping.rowFolds);
    const double columnFolds = real(mapping.columnFolds);
    switch (accelerator.dataflow) {
        case Dataflow::OutputStationary:
            return {inputs * columnFolds, weights * rowFolds, outputs, 0};
        case Dataflow::WeightStationary:
            return {inputs * columnFolds, weights, outputs * rowFolds, outputs * (rowFolds - 1)};
        case Dataflow::InputStationary:
            return {inputs, weights * columnFolds, outputs * rowFolds, outputs * (rowFolds - 1)};
    }
    return {};
}

Bottleneck slowestOperand(const DramTraffic& dram) {
    if (dram.ifmap >= dram.filter && dram.ifmap >= dram.outputs()) {
        return Bottleneck::IfmapBandwidth;
    }
    return dram.filter >= dram.outputs() ? Bottleneck::FilterBandwidth : Bottleneck::OfmapBandwidth;
}

/// The largest of the four parts that the time is made of.
Bottleneck findBottleneck(const LayerCost& cost, double usefulCycles, std::int64_t products,
                          std::int64_t vectorCycles) {
    const double streaming = real(cost.mapping.folds() * cost.mapping.temporal * products);
    const double matrix = real(cost.mapping.cycles() * products);
    const double idle = streaming - usefulCycles;
    const double fill = matrix - streaming;
    const double stalls = real(cost.stallCycles());
    const double vector = real(vectorCycles);
    const double largest = std::max({usefulCycles, idle, fill, stalls, vector});
    if (largest == stalls && stalls > 0) {
        return slowestOperand(cost.dram);
    }
    if (largest == usefulCycles) {
        return Bottleneck::Compute;
    }
    if (largest == vector) {
        return Bottleneck::VectorUnit;
    }
    return largest == fill ? Bottleneck::FillAndDrain : Bottleneck::IdleArray;
}

}  // namespace

std::string_view bottleneckName(Bottleneck bottleneck) {
    switch (bottleneck) {
        case Bottleneck::Compute:
            return "compute";
        case Bottleneck::IdleArray:
            return "idle array";
        case Bottleneck::FillAndDrain:
            return "fill and drain";
        case Bottleneck::IfmapBandwidth:
            return "ifmap bandwidth";
        case Bottleneck::FilterBandwidth:
            return "filter bandwidth";
        case Bottleneck::OfmapBandwidth:
            return "ofmap bandwidth";
        case Bottleneck::VectorUnit:
            return "vector unit";
    }
    return "";
}

LayerCost layerCost(const Workload& workload, const Accelerator& accelerator, OnChip onChip) {
    LayerCost cost;
    cost.macs = workload.gemm.macs();
    const double speed = multipliesPerCycle(accelerator.element, workload.weightBits,
                                            workload.activationBits, workload.gemm.m == 1);
    DoubleBuffer clock(accelerator);
    if (cost.macs > 0) {
        cost.mapping = mapGemm(foldedGemm(workload.gemm, accelerator.element, workload.weightBits,
                                          workload.activationBits),
                               accelerator);
        runMatrix(workload, accelerator, onChip, clock, cost);
        cost.sram = sramAccesses(workload, accelerator, cost.mapping);
    }
    const std::int64_t vectorCycles =
        ceilDivide(workload.vectorOperations, accelerator.effectiveVectorLanes());
    cost.computeCycles = cost.mapping.cycles() * workload.gemm.count + vectorCycles;
    const double finished = clock.finish() + real(vectorCycles);
    cost.cycles = std::max(cost.computeCycles, wholeCycles(finished));
    clock.describe(cost);
    const double peak = real(accelerator.processingElements()) * speed;
    const double usefulCycles = real(cost.macs) / peak;
    // The roofline is below the cycles by construction; only rounded sums could say otherwise.
    cost.rooflineCycles =
        std::min(real(cost.cycles), std::max(usefulCycles, clock.busiestChannel()));
    cost.utilization = cost.cycles > 0 ? usefulCycles / real(cost.cycles) : 0;
    cost.bottleneck = findBottleneck(cost, usefulCycles, workload.gemm.count, vectorCycles);
    return cost;
}

NetworkCost networkCost(std::span<const Workload> workloads, const Accelerator& accelerator,
                        bool reuse) {
    const std::vector<Dataflow> same(workloads.size(), accelerator.dataflow);
    return networkCost(workloads, accelerator, same, reuse);
}

NetworkCost networkCost(std::span<const Workload> workloads, const Accelerator& accelerator,
                        std::span<const Dataflow> dataflows, bool reuse) {
    Accelerator array = accelerator;
    NetworkCost network;
    network.layers.reserve(workloads.size());
    const auto staysOnChip = [&](std::size_t i) {
        if (!reuse || i + 1 >= workloads.size() || !workloads[i + 1].inputIsPreviousOutput) {
            return false;
        }
        const double bytes = real(workloads[i].outputElements() * workloads[i].gemm.count) *
                             workloads[i].outputBits / 8;
        return bytes <= real(std::min(accelerator.ifmapBytes, accelerator.ofmapBytes)) / 2;
    };
    bool inputOnChip = false;
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        const bool outputOnChip = staysOnChip(i);
        array.dataflow = dataflows[i];
        const LayerCost cost = layerCost(workloads[i], array, {inputOnChip, outputOnChip});
        inputOnChip = outputOnChip;
        network.macs += cost.macs;
        network.cycles += cost.cycles;
        network.stallCycles += cost.stallCycles();
        network.dramBytes += cost.dram.total();
        network.utilization += cost.utilization * real(cost.cycles);
        network.layers.push_back(cost);
    }
    if (network.cycles > 0) {
        network.utilization /= real(network.cycles);
    }
    return network;
}

std::vector<Dataflow> bestDataflows(std::span<const Workload> workloads,
                                    const Accelerator& accelerator) {
    std::vector<Dataflow> best;
    best.reserve(workloads.size());
    for (const Workload& workload : workloads) {
        Accelerator candidate = accelerator;
        best.push_back(accelerator.dataflow);
        std::int64_t fewest = layerCost(workload, candidate).cycles;
        for (const Dataflow dataflow : kAllDataflows) {
            candidate.dataflow = dataflow;
            const std::int64_t cycles = layerCost(workload, candidate).cycles;
            if (cycles < fewest) {
                fewest = cycles;
                best.back() = dataflow;
            }
        }
    }
    return best;
}

}  // namespace bitloupe::hardware
