// SPDX-License-Identifier: Apache-2.0
// What a scatter says in words and figures: its summary and its CSV.
#include <QtCore/QCoreApplication>

#include <algorithm>
#include <cmath>

#include "ui/charts/csv.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

namespace {

QString translated(const char* text, int count = -1) {
    return QCoreApplication::translate("charts", text, nullptr, count);
}

/// "best accuracy 98.83 % (design 17)", or nothing without a direction or a point.
QString bestAlong(const ScatterData& data, const AxisDescription& axis,
                  const std::vector<double>& values, const QLocale& locale) {
    std::size_t best = data.count();
    for (std::size_t point = 0; point < data.count(); ++point) {
        const bool counts =
            !data.is(point, kInfeasible) && !data.is(point, kHidden) && !std::isnan(values[point]);
        const bool better =
            counts &&
            (best == data.count() || (axis.better == Better::Lower ? values[point] < values[best]
                                                                   : values[point] > values[best]));
        best = better ? point : best;
    }
    if (axis.better == Better::Neither || best == data.count()) {
        return {};
    }
    return translated("best %1 (design %2)")
        .arg(axis.describe(values[best], locale))
        .arg(data.ids[best]);
}

QString header(const AxisDescription& axis) {
    return axis.unit.isEmpty() ? axis.label
                               : axis.label + QStringLiteral(" [") + axis.unit + QLatin1Char(']');
}

}  // namespace

QString summarize(const ScatterData& data, const QLocale& locale) {
    if (data.count() == 0) {
        return translated("No designs yet.");
    }
    const auto having = [&data](PointFlag flag) {
        return std::count_if(data.flags.begin(), data.flags.end(),
                             [flag](quint8 flags) { return (flags & flag) != 0; });
    };
    QStringList counts = {
        data.count() == 1 ? translated("1 design")
                          : translated("%1 designs").arg(locale.toString(qint64(data.count()))),
        translated("%1 on the front").arg(locale.toString(qint64(having(kFront))))};
    if (having(kInfeasible) > 0) {
        counts << translated("%1 outside the constraints")
                      .arg(locale.toString(qint64(having(kInfeasible))));
    }
    if (having(kPinned) > 0) {
        counts << translated("%1 pinned").arg(locale.toString(qint64(having(kPinned))));
    }
    QString summary = counts.join(QStringLiteral(", ")) + QLatin1Char('.');
    for (const QString& best : {bestAlong(data, data.yAxis, data.y, locale),
                                bestAlong(data, data.xAxis, data.x, locale)}) {
        if (!best.isEmpty()) {
            summary += QLatin1Char(' ') + best.left(1).toUpper() + best.mid(1) + QLatin1Char('.');
        }
    }
    return summary;
}

QString visibleCsv(const ScatterData& data, const AxisScale& x, const AxisScale& y) {
    const bool intervals = !data.low.empty();
    QStringList head = {QStringLiteral("id"), header(data.xAxis), header(data.yAxis)};
    if (intervals) {
        head << QStringLiteral("low") << QStringLiteral("high");
    }
    if (!data.colour.empty()) {
        head << header(data.colourAxis);
    }
    if (!data.size.empty()) {
        head << header(data.sizeAxis);
    }
    head << QStringLiteral("front") << QStringLiteral("pinned") << QStringLiteral("infeasible");
    QString csv = csvRow(head);
    for (std::size_t point = 0; point < data.count(); ++point) {
        if (data.is(point, kHidden) || !x.contains(data.x[point]) || !y.contains(data.y[point])) {
            continue;
        }
        QStringList row = {QString::number(data.ids[point]), csvNumber(data.x[point]),
                           csvNumber(data.y[point])};
        if (intervals) {
            row << csvNumber(data.low[point]) << csvNumber(data.high[point]);
        }
        if (!data.colour.empty()) {
            row << csvNumber(data.colour[point]);
        }
        if (!data.size.empty()) {
            row << csvNumber(data.size[point]);
        }
        for (const PointFlag flag : {kFront, kPinned, kInfeasible}) {
            row << QString::number(data.is(point, flag) ? 1 : 0);
        }
        csv += csvRow(row);
    }
    return csv;
}

}  // namespace bitloupe::charts
