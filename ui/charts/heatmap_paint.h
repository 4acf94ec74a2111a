// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QRectF>
#include <QtCore/QSizeF>
#include <QtGui/QPainter>

#include "ui/charts/axis_scale.h"
#include "ui/charts/colours.h"

namespace bitloupe::charts {

class SensitivityModel;

/// One cell as it is painted on screen and on paper.
struct HeatmapCell {
    double share = 0;  ///< place on the colour scale; NaN: not measured, hatched
    QString number;    ///< written on it; empty: none
    bool chosen = false;
    bool current = false;
};

void paintHeatmapCell(QPainter& painter, const QRectF& place, const HeatmapCell& cell,
                      const ChartTheme& theme);

/// How high the names of the columns need their line; upright where they do not fit their width.
[[nodiscard]] double columnNamesHeight(const SensitivityModel& model, double columnWidth,
                                       const QFontMetricsF& metrics);
/// The name of a column in `place`, turned where it does not fit across and fits along. With the
/// painter's font and pen.
void paintColumnName(QPainter& painter, const QRectF& place, const QString& name);

/// The colour scale with its ticks, quantity and direction, at the left of `place`. Returns where
/// the bar lies.
QRectF paintColourBar(QPainter& painter, const QRectF& place, const AxisDescription& axis,
                      const AxisScale& scale, const ChartTheme& theme);

/// The colour scale with its range, quantity and direction, and what hatching and outline mean.
void paintHeatmapLegend(QPainter& painter, const QRectF& place, const AxisDescription& axis,
                        const AxisScale& scale, const ChartTheme& theme);
[[nodiscard]] double heatmapLegendHeight(const ChartTheme& theme);

/// The whole heatmap with row and column names and legend.
void paintHeatmap(QPainter& painter, QSizeF size, const SensitivityModel& model, bool numbers,
                  const ChartTheme& theme);

}  // namespace bitloupe::charts
