// SPDX-License-Identifier: Apache-2.0
#include "core/hardware/resource_sweep.h"

#include <algorithm>

#include "core/hardware/layer_cost.h"

namespace bitloupe::hardware {

namespace {

constexpr double kSmallestBuffer = 1024;
constexpr double kLargestBuffer = 64.0 * 1024 * 1024;
constexpr double kLargestBandwidth = 4096;

Accelerator withResource(Accelerator accelerator, Resource resource, double size) {
    const auto bytes = static_cast<std::int64_t>(size);
    switch (resource) {
        case Resource::IfmapBuffer:
            accelerator.ifmapBytes = bytes;
            break;
        case Resource::FilterBuffer:
            accelerator.filterBytes = bytes;
            break;
        case Resource::OfmapBuffer:
            accelerator.ofmapBytes = bytes;
            break;
        case Resource::Bandwidth:
            accelerator.bandwidth = size;
            break;
    }
    return accelerator;
}

}  // namespace

std::vector<double> sweepSizes(Resource resource) {
    const bool bandwidth = resource == Resource::Bandwidth;
    std::vector<double> sizes;
    for (double size = bandwidth ? 1 : kSmallestBuffer;
         size <= (bandwidth ? kLargestBandwidth : kLargestBuffer); size *= 2) {
        sizes.push_back(size);
    }
    return sizes;
}

ResourceSweep sweepResource(std::span<const Workload> workloads, const Accelerator& accelerator,
                            Resource resource, std::span<const double> sizes) {
    ResourceSweep sweep;
    sweep.points.reserve(sizes.size());
    for (const double size : sizes) {
        const NetworkCost cost = networkCost(workloads, withResource(accelerator, resource, size));
        sweep.points.push_back({size, cost.cycles, cost.dramBytes});
    }
    const auto costOf = [resource](const SweepPoint& point) {
        return resource == Resource::Bandwidth ? static_cast<double>(point.cycles)
                                               : point.dramBytes;
    };
    const double enough = costOf(sweep.points.back()) * kKneeSlack;
    const auto knee =
        std::find_if(sweep.points.begin(), sweep.points.end(),
                     [&](const SweepPoint& point) { return costOf(point) <= enough; });
    sweep.knee = static_cast<std::size_t>(knee - sweep.points.begin());
    return sweep;
}

}  // namespace bitloupe::hardware
