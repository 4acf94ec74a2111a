// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/hardware/layer_cost.h"

namespace bitloupe::hardware {

/// A layer under the roofline of Williams, Waterman, Patterson (CACM 2009): what it does with every
/// byte from DRAM, and how fast.
struct RooflinePoint {
    double intensity = 0;    ///< multiply-accumulates per byte between the buffers and DRAM
    double performance = 0;  ///< multiply-accumulates per cycle, all waits included
};

/// What an accelerator can reach with these workloads.
struct Roofline {
    double peak = 0;       ///< multiply-accumulates per cycle with every element busy; for elements
                           ///< whose speed depends on the widths: that of the fastest layer
    double bandwidth = 0;  ///< bytes per cycle for all operands together; 0: no limit
    std::vector<RooflinePoint> layers;  ///< in the order of the workloads; without DRAM traffic or
                                        ///< multiplies: zeros
};

[[nodiscard]] Roofline rooflineOf(std::span<const Workload> workloads,
                                  std::span<const LayerCost> costs, const Accelerator& accelerator);

}  // namespace bitloupe::hardware
