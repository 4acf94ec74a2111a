// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/hardware/accelerator.h"
#include "core/hardware/workload.h"

namespace bitloupe::hardware {

/// What a sweep changes; all else of the accelerator stays.
enum class Resource { IfmapBuffer, FilterBuffer, OfmapBuffer, Bandwidth };

/// What a network costs with one size of the resource.
struct SweepPoint {
    double size = 0;  ///< bytes of a buffer, or bytes per cycle
    std::int64_t cycles = 0;
    double dramBytes = 0;
};

struct ResourceSweep {
    std::vector<SweepPoint> points;  ///< sizes ascending
    /// Index of the knee: the smallest size that costs at most 2 % more than the largest, in cycles
    /// for the bandwidth and in DRAM bytes for a buffer.
    std::size_t knee = 0;
};

/// How much more than the best a knee may cost.
inline constexpr double kKneeSlack = 1.02;

/// Powers of two: 1 KiB to 64 MiB for a buffer, 1 to 4,096 bytes per cycle.
[[nodiscard]] std::vector<double> sweepSizes(Resource resource);

/// The network on the accelerator with each of `sizes` (ascending, not empty, within the
/// accelerator's ranges); the physical model of layer_cost.h.
[[nodiscard]] ResourceSweep sweepResource(std::span<const Workload> workloads,
                                          const Accelerator& accelerator, Resource resource,
                                          std::span<const double> sizes);

}  // namespace bitloupe::hardware
