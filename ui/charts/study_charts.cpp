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

void appendDesign(ScatterData& data, const Evaluation& evaluation, const ScatterChoice& choice,
                  const MetricWording& metric) {
    const auto shown = [&](QuantityId id) { return shownValue(id, evaluation.value(id), metric); };
    data.ids.push_back(evaluation.id);
    data.x.push_back(shown(choice.x));
    data.y.push_back(shown(choice.y));
    if (exploration::isMetric(choice.y)) {
        const exploration::Interval& interval = evaluation.measured.interval;
        data.low.push_back(shownValue(choice.y, interval.low, metric));
        data.high.push_back(shownValue(choice.y, interval.high, metric));
    }
    if (choice.colour) {
        data.colour.push_back(shown(*choice.colour));
    }
    if (choice.size) {
        data.size.push_back(shown(*choice.size));
    }
}

ScatterData scatterOf(std::span<const Evaluation> evaluations, const ScatterChoice& choice,
                      const ScatterContext& context) {
    ScatterData data;
    data.xAxis = axisOf(choice.x, context.metric);
    data.yAxis = axisOf(choice.y, context.metric);
    if (choice.colour.has_value()) {
        data.colourAxis = axisOf(*choice.colour, context.metric);
    }
    if (choice.size.has_value()) {
        data.sizeAxis = axisOf(*choice.size, context.metric);
    }
    for (const Evaluation& evaluation : evaluations) {
        appendDesign(data, evaluation, choice, context.metric);
    }
    data.flags.assign(evaluations.size(), kDominated);
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
