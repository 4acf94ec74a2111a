// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/knee.h"

#include <cmath>

namespace bitloupe::charts {

std::optional<std::size_t> kneeOf(const ScatterData& data) {
    std::vector<std::size_t> front;
    for (const std::size_t point : frontByX(data)) {
        if (!data.is(point, kHidden) && !data.is(point, kInfeasible)) {
            front.push_back(point);
        }
    }
    if (front.size() < 3) {
        return std::nullopt;
    }
    const AxisScale x(data.xAxis.scale, 1, 10);
    const AxisScale y(data.yAxis.scale, 1, 10);
    const auto place = [&](std::size_t point) {
        return QPointF(x.toLinear(data.x[point]), y.toLinear(data.y[point]));
    };
    const QPointF first = place(front.front());
    const QPointF extent = place(front.back()) - first;
    if (!(std::abs(extent.x()) > 0) || !(std::abs(extent.y()) > 0)) {
        return std::nullopt;
    }
    // In the scaled picture the chord runs from (0, 0) to (1, 1), and the distance from it is
    // proportional to v - u. Which side is better follows from the horizontal axis alone.
    const double side = (data.xAxis.better == Better::Higher) ? -1 : 1;
    std::optional<std::size_t> knee;
    double farthest = 1e-9;
    for (const std::size_t point : front) {
        const QPointF at = place(point) - first;
        const double distance = side * (at.y() / extent.y() - at.x() / extent.x());
        if (std::isfinite(distance) && distance > farthest) {
            farthest = distance;
            knee = point;
        }
    }
    return knee;
}

}  // namespace bitloupe::charts
