// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "core/hardware/energy_table.h"
#include "core/hardware/layer_cost.h"

namespace bitloupe::hardware {

/// Energy of a layer by component, in pJ. A component without a published figure is absent, and the
/// total is there only when every component is. Leakage and clocks have no figure and are in none.
struct LayerEnergy {
    std::optional<Figure> arithmetic;
    std::optional<Figure> ifmapBuffer;
    std::optional<Figure> filterBuffer;
    std::optional<Figure> ofmapBuffer;
    std::optional<Figure> dram;

    [[nodiscard]] std::optional<Figure> total() const;
};

/// Serial and composable elements have no published energy per multiply: `arithmetic` is absent.
[[nodiscard]] LayerEnergy layerEnergy(const LayerCost& cost, const Workload& workload,
                                      const Accelerator& accelerator, const EnergyTable& table);

/// The sum over layers; absent where one of them is.
[[nodiscard]] LayerEnergy networkEnergy(const NetworkCost& cost,
                                        std::span<const Workload> workloads,
                                        const Accelerator& accelerator, const EnergyTable& table);

/// um2 of all multiply-accumulate units, each wide enough for the widest format of the workloads.
/// Buffers, registers and wires have no published figure and are not in it. Serial-inputs elements
/// are 1.32 times a 16-bit one (Judd et al., MICRO 2016); the other two kinds have no figure.
[[nodiscard]] std::optional<Figure> arithmeticArea(std::span<const Workload> workloads,
                                                   const Accelerator& accelerator,
                                                   const EnergyTable& table);

/// Bits of all weights, shared scales and zeros that are not stored left out.
[[nodiscard]] double weightBits(const Workload& workload);

/// Effective bit operations of a fully unrolled design: sum of weight times activation bits over
/// all multipliers. EBOPs are about LUT + 55 DSP of an hls4ml design (Sun et al., arXiv
/// 2405.00645); not for folded ones.
[[nodiscard]] double effectiveBitOperations(const Workload& workload);

}  // namespace bitloupe::hardware
