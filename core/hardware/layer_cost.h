// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/hardware/accelerator.h"
#include "core/hardware/mapping.h"
#include "core/hardware/workload.h"

/// The physical model. It differs from SCALE-Sim: cycles are counted, not indexed; buffers hold
/// what they hold (a word has as many bits as its format, one half is used while the other fills);
/// what is read again is read again only if it did not fit; partial sums that do not fit return;
/// the bandwidth is shared or split as configured; the first load is waited for.
namespace bitloupe::hardware {

/// What most of a layer's time goes into.
enum class Bottleneck {
    Compute,         ///< useful multiplies
    IdleArray,       ///< rows and columns that the last folds leave empty
    FillAndDrain,    ///< loading, skewing and draining of folds
    IfmapBandwidth,  ///< waiting for inputs
    FilterBandwidth,
    OfmapBandwidth,
    VectorUnit,
};

/// "compute", "idle array", "fill and drain", "ifmap bandwidth" ...
[[nodiscard]] std::string_view bottleneckName(Bottleneck bottleneck);

/// Bytes between the buffers and DRAM.
struct DramTraffic {
    double ifmap = 0;
    double filter = 0;
    double ofmap = 0;          ///< finished outputs, written
    double partialWrites = 0;  ///< partial sums that did not fit ...
    double partialReads = 0;   ///< ... and came back

    [[nodiscard]] double outputs() const { return ofmap + partialWrites + partialReads; }
    [[nodiscard]] double total() const { return ifmap + filter + outputs(); }
};

/// Values between the array and its buffers.
struct SramAccesses {
    double ifmapReads = 0;
    double filterReads = 0;
    double ofmapWrites = 0;
    double partialReads = 0;  ///< sums that a later fold adds to
};

/// What one layer costs, all its `count` products together.
struct LayerCost {
    Mapping mapping;  ///< of one product, its k folded by the multiplies per cycle
    std::int64_t macs = 0;
    std::int64_t computeCycles = 0;  ///< without any wait for memory
    std::int64_t cycles = 0;         ///< with all waits, the first load included
    std::int64_t coldStart = 0;      ///< cycles before the first fold starts
    std::int64_t lastLoad = 0;       ///< cycle by which all operands have arrived
    std::int64_t firstWrite = 0;     ///< cycle from which results leave for DRAM
    std::int64_t arrayEnd = 0;       ///< cycle in which the array has done its last fold
    double rooflineCycles = 0;       ///< max(multiplies at full use, traffic at full bandwidth)
    double utilization = 0;          ///< useful multiplies per possible multiply, 0 to 1
    Bottleneck bottleneck = Bottleneck::Compute;
    DramTraffic dram;
    SramAccesses sram;

    [[nodiscard]] std::int64_t stallCycles() const { return cycles - computeCycles; }
    /// 1 on the roofline, 2 at twice its time.
    [[nodiscard]] double rooflineDistance() const {
        return rooflineCycles > 0 ? static_cast<double>(cycles) / rooflineCycles : 1;
    }
};

/// Where a layer's operands already lie, or may stay, so that DRAM is not asked.
struct OnChip {
    bool input = false;
    bool output = false;
};

/// The cost of one layer by a double-buffered model, fold by fold: the next fold loads while this
/// one computes and the last one is written. With C the compute cycles and M the cycles of all
/// transfers, max(C, M) <= cycles <= C + M; more bandwidth or a larger buffer never costs a cycle.
[[nodiscard]] LayerCost layerCost(const Workload& workload, const Accelerator& accelerator,
                                  OnChip onChip = {});

/// Totals of a network.
struct NetworkCost {
    std::vector<LayerCost> layers;
    std::int64_t macs = 0;
    std::int64_t cycles = 0;
    std::int64_t stallCycles = 0;
    double dramBytes = 0;
    double utilization = 0;

    [[nodiscard]] double seconds(const Accelerator& accelerator) const {
        return static_cast<double>(cycles) / (accelerator.clockMhz * 1e6);
    }
};

/// One layer after another. With `reuse`, an output that fits into half of the output buffer and
/// half of the input buffer stays on the chip for the workload that reads exactly it.
[[nodiscard]] NetworkCost networkCost(std::span<const Workload> workloads,
                                      const Accelerator& accelerator, bool reuse = false);
/// The same with a dataflow of its own for every workload.
[[nodiscard]] NetworkCost networkCost(std::span<const Workload> workloads,
                                      const Accelerator& accelerator,
                                      std::span<const Dataflow> dataflows, bool reuse = false);

/// The dataflow with the fewest cycles for each workload; the accelerator's own on a tie.
[[nodiscard]] std::vector<Dataflow> bestDataflows(std::span<const Workload> workloads,
                                                  const Accelerator& accelerator);

}  // namespace bitloupe::hardware
