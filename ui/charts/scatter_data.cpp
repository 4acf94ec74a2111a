// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/scatter_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bitloupe::charts {

namespace {

template <typename T>
bool sameBeginning(const std::vector<T>& before, const std::vector<T>& after) {
    return before.empty() ||
           (after.size() >= before.size() &&
            std::memcmp(before.data(), after.data(), before.size() * sizeof(T)) == 0);
}

bool sameOptional(const std::vector<double>& before, const std::vector<double>& after) {
    return before.empty() == after.empty() && sameBeginning(before, after);
}

/// Flags that change how a settled dot looks; being on the front is drawn above it.
bool sameDotFlags(const ScatterData& before, const ScatterData& after) {
    constexpr unsigned kDotFlags = kInfeasible | kHidden;
    unsigned difference = 0;
    for (std::size_t point = 0; point < before.flags.size(); ++point) {
        difference |= unsigned(before.flags[point]) ^ after.flags[point];
    }
    return (difference & kDotFlags) == 0;
}

bool fits(std::size_t size, std::size_t count) {
    return size == 0 || size == count;
}

bool isBetter(double value, double than, Better better) {
    return better == Better::Lower ? value < than : value > than;
}

}  // namespace

bool ScatterData::isConsistent() const {
    const std::size_t n = ids.size();
    return x.size() == n && y.size() == n && flags.size() == n && low.size() == high.size() &&
           fits(low.size(), n) && fits(colour.size(), n) && fits(size.size(), n);
}

ScatterChange compareSnapshots(const ScatterData& before, const ScatterData& after) {
    ScatterChange change;
    change.sameAxes = before.xAxis == after.xAxis && before.yAxis == after.yAxis &&
                      before.colourAxis == after.colourAxis && before.sizeAxis == after.sizeAxis;
    const bool samePoints = sameBeginning(before.ids, after.ids) &&
                            sameBeginning(before.x, after.x) && sameBeginning(before.y, after.y) &&
                            (before.count() == 0 || (sameOptional(before.colour, after.colour) &&
                                                     sameOptional(before.size, after.size)));
    change.settledKept = change.sameAxes && samePoints && sameDotFlags(before, after);
    change.firstNew = change.settledKept ? before.count() : 0;
    return change;
}

std::vector<std::size_t> frontByX(const ScatterData& data) {
    std::vector<std::size_t> front;
    for (std::size_t point = 0; point < data.count(); ++point) {
        if (data.is(point, kFront) && !data.is(point, kHidden)) {
            front.push_back(point);
        }
    }
    std::sort(front.begin(), front.end(), [&data](std::size_t a, std::size_t b) {
        return data.x[a] != data.x[b] ? data.x[a] < data.x[b] : data.y[a] < data.y[b];
    });
    return front;
}

std::vector<QPointF> frontSteps(const ScatterData& data, const std::vector<std::size_t>& front) {
    const bool lowerX = data.xAxis.better != Better::Higher;
    const Better yBetter = data.yAxis.better == Better::Lower ? Better::Lower : Better::Higher;
    std::vector<QPointF> best;
    const auto visit = [&](std::size_t point) {
        const QPointF place(data.x[point], data.y[point]);
        if (!best.empty() && best.back().x() == place.x() &&
            isBetter(place.y(), best.back().y(), yBetter)) {
            best.back() = place;
        } else if (best.empty() || isBetter(place.y(), best.back().y(), yBetter)) {
            best.push_back(place);
        }
    };
    // Walk from the cheap end, so that "so far" means "at no more than this cost".
    if (lowerX) {
        std::for_each(front.begin(), front.end(), visit);
    } else {
        std::for_each(front.rbegin(), front.rend(), visit);
    }
    std::vector<QPointF> corners;
    for (std::size_t step = 0; step < best.size(); ++step) {
        if (step > 0) {
            corners.emplace_back(best[step].x(), best[step - 1].y());
        }
        corners.push_back(best[step]);
    }
    return corners;
}

}  // namespace bitloupe::charts
