// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/layer_energy.h"

#include <algorithm>

namespace bitloupe::hardware {

namespace {

constexpr double kSerialInputsArea = 1.32;  // over a 16-bit element
constexpr double kSerialBaseBits = 16;

double real(std::int64_t value) {
    return static_cast<double>(value);
}

std::optional<Figure> scaled(const std::optional<Figure>& figure, double factor) {
    return figure ? std::optional(figure->scaled(factor)) : std::nullopt;
}

std::optional<Figure> sum(const std::optional<Figure>& a, const std::optional<Figure>& b) {
    return a && b ? std::optional(a->plus(*b)) : std::nullopt;
}

void add(LayerEnergy& total, const LayerEnergy& layer) {
    total.arithmetic = sum(total.arithmetic, layer.arithmetic);
    total.ifmapBuffer = sum(total.ifmapBuffer, layer.ifmapBuffer);
    total.filterBuffer = sum(total.filterBuffer, layer.filterBuffer);
    total.ofmapBuffer = sum(total.ofmapBuffer, layer.ofmapBuffer);
    total.dram = sum(total.dram, layer.dram);
}

}  // namespace

std::optional<Figure> LayerEnergy::total() const {
    return sum(sum(sum(arithmetic, ifmapBuffer), sum(filterBuffer, ofmapBuffer)), dram);
}

LayerEnergy layerEnergy(const LayerCost& cost, const Workload& workload,
                        const Accelerator& accelerator, const EnergyTable& table) {
    LayerEnergy energy;
    if (accelerator.element == ProcessingElement::BitParallel) {
        energy.arithmetic =
            scaled(table.macEnergy(workload.arithmetic, workload.weightBits,
                                   workload.activationBits, workload.accumulatorBits),
                   real(cost.macs));
    }
    // What comes from DRAM is written into a buffer before the array reads it, and back.
    const double ifmapBits = cost.sram.ifmapReads * workload.activationBits + 8 * cost.dram.ifmap;
    const double filterBits =
        cost.sram.filterReads * workload.weightBits * workload.density + 8 * cost.dram.filter;
    const double finished = real(workload.outputElements() * workload.gemm.count);
    const double partials = cost.sram.ofmapWrites - finished + cost.sram.partialReads;
    const double ofmapBits = finished * workload.outputBits + partials * workload.accumulatorBits +
                             8 * cost.dram.outputs();
    energy.ifmapBuffer = scaled(table.sramEnergyPerBit(real(accelerator.ifmapBytes)), ifmapBits);
    energy.filterBuffer = scaled(table.sramEnergyPerBit(real(accelerator.filterBytes)), filterBits);
    energy.ofmapBuffer = scaled(table.sramEnergyPerBit(real(accelerator.ofmapBytes)), ofmapBits);
    energy.dram = scaled(table.dramEnergyPerBit(), 8 * cost.dram.total());
    return energy;
}

LayerEnergy networkEnergy(const NetworkCost& cost, std::span<const Workload> workloads,
                          const Accelerator& accelerator, const EnergyTable& table) {
    const Figure zero;
    LayerEnergy total{zero, zero, zero, zero, zero};
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        add(total, layerEnergy(cost.layers[i], workloads[i], accelerator, table));
    }
    return total;
}

std::optional<Figure> arithmeticArea(std::span<const Workload> workloads,
                                     const Accelerator& accelerator, const EnergyTable& table) {
    const double elements = real(accelerator.processingElements());
    if (accelerator.element == ProcessingElement::SerialInputs) {
        return scaled(table.macArea(Arithmetic::Integer, kSerialBaseBits, kSerialBaseBits, 32),
                      kSerialInputsArea * elements);
    }
    if (accelerator.element != ProcessingElement::BitParallel) {
        return std::nullopt;
    }
    std::optional<Figure> widest;
    for (const Workload& workload : workloads) {
        if (workload.gemm.macs() == 0) {
            continue;
        }
        const auto area = table.macArea(workload.arithmetic, workload.weightBits,
                                        workload.activationBits, workload.accumulatorBits);
        if (!area) {
            return std::nullopt;
        }
        if (!widest || area->value > widest->value) {
            widest = area;
        }
    }
    return scaled(widest, elements);
}

double weightBits(const Workload& workload) {
    return real(workload.gemm.k) * real(workload.gemm.n) * real(workload.gemm.count) *
           workload.weightBits * workload.density;
}

double effectiveBitOperations(const Workload& workload) {
    return weightBits(workload) * workload.activationBits;
}

}  // namespace bitloupe::hardware
