// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/suggestion.h"

#include <QCoreApplication>
#include <cmath>
#include <utility>

#include "ui/charts/knee.h"

namespace bitloupe::charts {

namespace {

/// Larger is better; NaN where a quantity has no better side.
double goodness(const AxisDescription& axis, double value) {
    switch (axis.better) {
        case Better::Higher:
            return value;
        case Better::Lower:
            return -value;
        case Better::Neither:
            break;
    }
    return std::nan("");
}

}  // namespace

std::optional<std::size_t> suggestedPoint(const ScatterData& data, Suggestion suggestion) {
    if (suggestion == Suggestion::Knee) {
        return kneeOf(data);
    }
    std::optional<std::size_t> best;
    std::pair<double, double> most;
    for (std::size_t point = 0; point < data.count(); ++point) {
        if (data.is(point, kHidden) || data.is(point, kInfeasible)) {
            continue;
        }
        std::pair<double, double> now = {goodness(data.yAxis, data.y[point]),
                                         goodness(data.xAxis, data.x[point])};
        if (suggestion == Suggestion::BestHorizontal) {
            std::swap(now.first, now.second);
        }
        if (std::isfinite(now.first) && (!best || now > most)) {
            best = point;
            most = now;
        }
    }
    return best;
}

QString suggestionText(const ScatterData& data, Suggestion suggestion) {
    if (suggestion == Suggestion::Knee) {
        return QCoreApplication::translate("charts", "Knee: farthest from the chord");
    }
    const AxisDescription& axis = suggestion == Suggestion::BestVertical ? data.yAxis : data.xAxis;
    return (axis.better == Better::Lower ? QCoreApplication::translate("charts", "%1: the lowest")
                                         : QCoreApplication::translate("charts", "%1: the highest"))
        .arg(axis.label);
}

}  // namespace bitloupe::charts
