// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/study_charts.h"

#include <QtCore/QCoreApplication>

#include <cmath>

#include "core/exploration/front.h"

namespace bitloupe::charts {

namespace {

using exploration::Evaluation;
using exploration::QuantityId;

bool isShare(QuantityId id, const MetricWording& metric) {
    return exploration::isShare(id) && (metric.share || !exploration::isMetric(id));
}

bool spansDecades(QuantityId id) {
    return id == QuantityId::Perplexity || id == QuantityId::Mse || id == QuantityId::Mae ||
           id == QuantityId::Bops || id == QuantityId::Macs || id == QuantityId::Cycles ||
           id == QuantityId::Kl || id == QuantityId::OutputMse || id == QuantityId::WeightBits;
}

std::vector<double> shownValues(std::span<const Evaluation> evaluations, QuantityId id,
                                const MetricWording& metric) {
    std::vector<double> values;
    values.reserve(evaluations.size());
    for (const Evaluation& evaluation : evaluations) {
        values.push_back(shownValue(id, evaluation.value(id), metric));
    }
    return values;
}

}  // namespace

AxisDescription axisOf(QuantityId id, const MetricWording& metric) {
    const exploration::Quantity& quantity = exploration::quantity(id);
    AxisDescription axis;
    axis.label = exploration::isMetric(id) && !metric.label.isEmpty()
                     ? metric.label
                     : QCoreApplication::translate("charts", quantity.label.c_str());
    axis.unit = QString::fromStdString(quantity.unit);
    axis.better =
        quantity.direction == exploration::Direction::Maximize ? Better::Higher : Better::Lower;
    axis.scale = spansDecades(id) ? ScaleKind::Logarithmic : ScaleKind::Linear;
    if (isShare(id, metric)) {
        axis.unit = QStringLiteral("%");
        axis.lowest = 0;
        axis.highest = 100;
    }
    if (axis.label.contains(axis.unit, Qt::CaseInsensitive)) {
        axis.unit.clear();  // not "Cycles in cycles"
    }
    return axis;
}

double shownValue(QuantityId id, double value, const MetricWording& metric) {
    return isShare(id, metric) ? 100 * value : value;
}

ScatterData scatterOf(std::span<const Evaluation> evaluations, const ScatterChoice& choice,
                      const ScatterContext& context) {
    ScatterData data;
    data.xAxis = axisOf(choice.x, context.metric);
    data.yAxis = axisOf(choice.y, context.metric);
    data.x = shownValues(evaluations, choice.x, context.metric);
    data.y = shownValues(evaluations, choice.y, context.metric);
    data.flags.assign(evaluations.size(), kDominated);
    const bool intervals = exploration::isMetric(choice.y);
    for (const Evaluation& evaluation : evaluations) {
        data.ids.push_back(evaluation.id);
        if (intervals) {
            const exploration::Interval& interval = evaluation.measured.interval;
            data.low.push_back(shownValue(choice.y, interval.low, context.metric));
            data.high.push_back(shownValue(choice.y, interval.high, context.metric));
        }
    }
    if (choice.colour.has_value()) {
        data.colourAxis = axisOf(*choice.colour, context.metric);
        data.colour = shownValues(evaluations, *choice.colour, context.metric);
    }
    if (choice.size.has_value()) {
        data.sizeAxis = axisOf(*choice.size, context.metric);
        data.size = shownValues(evaluations, *choice.size, context.metric);
    }
    std::vector<QuantityId> objectives = context.objectives;
    if (objectives.empty()) {
        objectives = {choice.x, choice.y};
    }
    for (const std::size_t point : exploration::paretoFront(evaluations, objectives)) {
        data.flags[point] |= kFront;
    }
    if (context.reference.has_value()) {
        const Evaluation& reference = *context.reference;
        data.reference = QPointF(shownValue(choice.x, reference.value(choice.x), context.metric),
                                 shownValue(choice.y, reference.value(choice.y), context.metric));
    }
    return data;
}

}  // namespace bitloupe::charts
