// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/exploration/explorer.h"
#include "core/exploration/front.h"

namespace bitloupe::exploration {

namespace {

double boxVolume(const Losses& point, const Losses& reference) {
    double volume = 1;
    for (std::size_t d = 0; d < point.size(); ++d) {
        volume *= reference[d] - point[d];
    }
    return volume;
}

/// Only what beats the reference everywhere spans a box (a NaN does not).
bool beatsReference(const Losses& point, const Losses& reference) {
    for (std::size_t d = 0; d < reference.size(); ++d) {
        if (!(point[d] < reference[d])) {
            return false;
        }
    }
    return true;
}

std::vector<Losses> keepFront(const std::vector<Losses>& points) {
    std::vector<Losses> front;
    for (const std::size_t index : paretoFront(points)) {
        front.push_back(points[index]);
    }
    return front;
}

/// Area of a front in ascending first objective: one slab a point.
double sweepArea(const std::vector<Losses>& front, const Losses& reference) {
    double area = 0;
    double top = reference[1];
    for (const Losses& point : front) {
        area += (reference[0] - point[0]) * (top - point[1]);
        top = point[1];
    }
    return area;
}

/// The part of the later points' boxes that lies within the box of `point`.
std::vector<Losses> limitTo(const Losses& point, std::span<const Losses> others) {
    std::vector<Losses> limited(others.begin(), others.end());
    for (Losses& other : limited) {
        for (std::size_t d = 0; d < point.size(); ++d) {
            other[d] = std::max(other[d], point[d]);
        }
    }
    return keepFront(limited);
}

double frontVolume(std::vector<Losses> front, const Losses& reference) {
    std::sort(front.begin(), front.end());
    if (front.empty()) {
        return 0;
    }
    if (reference.size() == 1) {
        return boxVolume(front.front(), reference);
    }
    if (reference.size() == 2) {
        return sweepArea(front, reference);
    }
    // Worst first objective first: the limited sets shrink fastest.
    std::reverse(front.begin(), front.end());
    double volume = 0;
    for (std::size_t i = 0; i < front.size(); ++i) {
        const auto later = std::span<const Losses>(front).subspan(i + 1);
        volume += boxVolume(front[i], reference) - frontVolume(limitTo(front[i], later), reference);
    }
    return volume;
}

}  // namespace

std::vector<double> referencePoint(std::span<const QuantityId> objectives,
                                   const Evaluation& floatNetwork) {
    constexpr double kCostMargin = 1.1;
    // Wide enough for coarse designs to count, and near enough to tell good ones apart.
    constexpr double kErrorMargin = 10;
    std::vector<double> reference;
    for (const QuantityId id : objectives) {
        const double value = floatNetwork.value(id);
        if (quantity(id).direction == Direction::Maximize) {
            reference.push_back(0);
        } else if (id == QuantityId::Kl || id == QuantityId::OutputMse) {
            reference.push_back(1);
        } else if (isMetric(id)) {
            reference.push_back(value == 0 ? 1 : kErrorMargin * value);
        } else {
            reference.push_back(kCostMargin * value);
        }
    }
    return reference;
}

std::vector<double> referencePoint(std::span<const QuantityId> objectives,
                                   const std::optional<Measurement>& floatNetwork,
                                   const std::vector<network::Layer>& layers,
                                   std::span<const hardware::Accelerator> accelerators,
                                   const FormatConversions& conversions) {
    Evaluation slowest;
    slowest.measured = floatNetwork.value_or(
        Measurement{.metric = std::numeric_limits<double>::quiet_NaN(), .interval = {}});
    for (const hardware::Accelerator& accelerator : accelerators) {
        const Costs costs = computeCosts(layers, {}, accelerator);
        const double cycles = std::max(slowest.costs.cycles, costs.cycles);
        slowest.costs = costs;
        slowest.costs.cycles = cycles;
    }
    slowest.costs.conversions = conversions.mostElements();
    return referencePoint(objectives, slowest);
}

double hypervolume(std::span<const Losses> points, const Losses& reference) {
    std::vector<Losses> inside;
    for (const Losses& point : points) {
        if (beatsReference(point, reference)) {
            inside.push_back(point);
        }
    }
    return reference.empty() ? 0 : frontVolume(keepFront(inside), reference);
}

double hypervolume(std::span<const Evaluation> front, std::span<const QuantityId> objectives,
                   std::span<const double> reference) {
    std::vector<Losses> points;
    points.reserve(front.size());
    for (const Evaluation& evaluation : front) {
        points.push_back(losses(evaluation, objectives));
    }
    return hypervolume(points, losses(reference, objectives));
}

}  // namespace bitloupe::exploration
