// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/roofline.h"

#include <algorithm>

namespace bitloupe::hardware {

Roofline rooflineOf(std::span<const Workload> workloads, std::span<const LayerCost> costs,
                    const Accelerator& accelerator) {
    constexpr double kPorts = 3;  // each with the whole bandwidth when it is not shared
    Roofline roofline;
    roofline.bandwidth = accelerator.bandwidth * (accelerator.sharedBandwidth ? 1 : kPorts);
    double fastest = 0;
    for (std::size_t i = 0; i < workloads.size(); ++i) {
        const Workload& workload = workloads[i];
        const LayerCost& cost = costs[i];
        RooflinePoint point;
        if (cost.macs > 0 && cost.dram.total() > 0 && cost.cycles > 0) {
            point.intensity = static_cast<double>(cost.macs) / cost.dram.total();
            point.performance = static_cast<double>(cost.macs) / static_cast<double>(cost.cycles);
            fastest = std::max(fastest,
                               multipliesPerCycle(accelerator.element, workload.weightBits,
                                                  workload.activationBits, workload.gemm.m == 1));
        }
        roofline.layers.push_back(point);
    }
    roofline.peak = static_cast<double>(accelerator.processingElements()) * fastest;
    return roofline;
}

}  // namespace bitloupe::hardware
