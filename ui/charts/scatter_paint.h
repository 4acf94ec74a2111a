// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QRectF>
#include <QtGui/QPainter>

#include <vector>

#include "ui/charts/axis_scale.h"
#include "ui/charts/colours.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// How one settled dot looks.
struct DotLook {
    QColor colour;
    double radius = 0;
    bool open = false;
};

/// A snapshot put into a place on the canvas: what every part of the drawing needs.
/// A view for the length of one paint; owns nothing but the scales.
struct ScatterScene {
    const ScatterData& data;
    const std::vector<std::size_t>& front;  ///< by rising x
    const ChartTheme& theme;
    QRectF area;
    AxisScale x;
    AxisScale y;
    AxisScale colour;  ///< used when the data has colours
    AxisScale size;    ///< used when the data has sizes

    [[nodiscard]] QPointF place(double xValue, double yValue) const;
    [[nodiscard]] QPointF place(std::size_t point) const;
    /// Whether the point lies in the shown range and is not filtered away.
    [[nodiscard]] bool shows(std::size_t point) const;
    [[nodiscard]] DotLook dot(std::size_t point) const;
    [[nodiscard]] double markerRadius(std::size_t point) const;
};

/// Dots smaller in larger crowds; changes at a few counts only, so that a growing study is rarely
/// drawn anew.
[[nodiscard]] double dotRadius(std::size_t count);

/// The dots from `first` to before `last`, each as a shape of its own: for vector devices, and for
/// few.
void paintDots(QPainter& painter, const ScatterScene& scene, std::size_t first, std::size_t last);
/// The reference's line and cross, the step line, lines to made designs, intervals, front markers
/// and pins, in this order.
void paintMarks(QPainter& painter, const ScatterScene& scene);
/// Rings around points; `dashed` for the keyboard's place.
void paintRing(QPainter& painter, const ScatterScene& scene, std::size_t point, double extraRadius,
               const QColor& colour, Qt::PenStyle style);
/// The design that is being changed by hand and a dashed line from the one it began as.
void paintDraft(QPainter& painter, const ScatterScene& scene, std::optional<std::size_t> base);
/// Lines at constraint values.
void paintLimits(QPainter& painter, const ScatterScene& scene, std::optional<double> x,
                 std::optional<double> y);
/// The brushed part of the data (`low corner, high corner` in data units) and the one being drawn
/// (pixels).
void paintBrush(QPainter& painter, const ScatterScene& scene, const std::optional<QRectF>& brush,
                const QRectF& inProgress);
/// Remarks beside their points.
void paintNotes(QPainter& painter, const ScatterScene& scene);
/// One line above the plot that names the shapes that occur; returns where it ends.
double paintLegend(QPainter& painter, const ScatterScene& scene);
struct ColourBarPlace {
    double left;       ///< of the bar
    double right;      ///< where its title ends
    double legendEnd;  ///< the title goes one line up rather than over the legend
};
void paintColourBar(QPainter& painter, const ScatterScene& scene, const ColourBarPlace& place);

}  // namespace bitloupe::charts
