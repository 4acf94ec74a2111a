// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/cost.h"

#include <algorithm>
#include <cmath>

#include "core/hardware/mapping.h"

namespace bitloupe::hardware {

std::int64_t computeCycles(const Gemm& gemm, const Accelerator& accelerator) {
    return mapGemm(gemm, accelerator).cycles() * gemm.count;
}

std::int64_t computeCycles(std::span<const Gemm> gemms, const Accelerator& accelerator) {
    std::int64_t cycles = 0;
    for (const Gemm& gemm : gemms) {
        cycles += computeCycles(gemm, accelerator);
    }
    return cycles;
}

Gemm foldedGemm(const Gemm& gemm, ProcessingElement element, double weightBits,
                double activationBits) {
    const double speed = multipliesPerCycle(element, weightBits, activationBits, gemm.m == 1);
    Gemm folded = gemm;
    folded.k = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(static_cast<double>(gemm.k) / speed)));
    return folded;
}

double utilization(const Gemm& gemm, const Accelerator& accelerator) {
    return utilization({&gemm, 1}, accelerator);
}

double utilization(std::span<const Gemm> gemms, const Accelerator& accelerator) {
    const std::int64_t cycles = computeCycles(gemms, accelerator);
    if (cycles == 0) {
        return 0;
    }
    double macs = 0;
    for (const Gemm& gemm : gemms) {
        macs += static_cast<double>(gemm.macs());
    }
    return macs /
           (static_cast<double>(cycles) * static_cast<double>(accelerator.processingElements()));
}

double bitOperations(const LayerPrecision& layer) {
    const auto& [gemm, weightBits, activationBits, density] = layer;
    if (gemm.macs() == 0) {
        return 0;
    }
    const double fanIn = static_cast<double>(gemm.k);
    const double outputs =
        static_cast<double>(gemm.m) * static_cast<double>(gemm.n) * static_cast<double>(gemm.count);
    return outputs * fanIn *
           (density * weightBits * activationBits + weightBits + activationBits + std::log2(fanIn));
}

}  // namespace bitloupe::hardware
