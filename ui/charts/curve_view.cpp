// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/curve_view.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/csv.h"
#include "ui/charts/markers.h"

namespace bitloupe::charts {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

QPolygonF stepsThrough(const QPolygonF& places) {
    QPolygonF steps;
    for (const QPointF& place : places) {
        if (!steps.isEmpty()) {
            steps << QPointF(place.x(), steps.last().y());
        }
        steps << place;
    }
    return steps;
}

}  // namespace

CurveView::CurveView(QWidget* parent) : PlotView(parent) {
    setAccessibleName(tr("Curves"));
    setData({});
}

void CurveView::setData(CurveData data) {
    const bool sameAxes = m_fitted && data.xAxis == m_data.xAxis && data.yAxis == m_data.yAxis;
    m_data = std::move(data);
    double left = kInfinity;
    double right = -kInfinity;
    double low = kInfinity;
    double high = -kInfinity;
    const AxisScale x(m_data.xAxis.scale, 1, 10);
    const AxisScale y(m_data.yAxis.scale, 1, 10);
    for (const Curve& curve : m_data.curves) {
        for (const QPointF& point : curve.points) {
            if (std::isfinite(x.toLinear(point.x())) && std::isfinite(y.toLinear(point.y()))) {
                left = std::min(left, point.x());
                right = std::max(right, point.x());
                low = std::min(low, point.y());
                high = std::max(high, point.y());
            }
        }
    }
    setAxes(m_data.xAxis, m_data.yAxis);
    setScales(sameAxes ? grownScale(m_data.xAxis, xScale(), left, right)
                       : roundScale(m_data.xAxis, left, right),
              sameAxes ? grownScale(m_data.yAxis, yScale(), low, high)
                       : roundScale(m_data.yAxis, low, high));
    m_fitted = left <= right;
    const bool legend = m_data.curves.size() > 1;
    setFrameMargins({8, legend ? fontMetrics().height() + 12 : 8, 28, 4});
    setAccessibleName(m_data.yAxis.label.isEmpty()
                          ? tr("Curves")
                          : tr("%1 over %2").arg(m_data.yAxis.label, m_data.xAxis.label));
    setAccessibleDescription(pictureSummary());
    updateContent();
}

QColor CurveView::colourOf(const Curve& curve) const {
    return withContrast(categoryColour(curve.colour), theme().background, 3.0);
}

void CurveView::paintContent(QPainter& painter, bool /*vector*/) {
    painter.save();
    painter.setClipRect(plotArea().adjusted(-8, -8, 8, 8));
    for (const Curve& curve : m_data.curves) {
        paintCurve(painter, curve);
    }
    painter.restore();
    if (m_data.curves.size() > 1) {
        paintLegend(painter);
    }
}

void CurveView::paintCurve(QPainter& painter, const Curve& curve) const {
    QPolygonF places;
    for (const QPointF& point : curve.points) {
        const QPointF place = toView(point.x(), point.y());
        if (std::isfinite(place.x()) && std::isfinite(place.y())) {
            places << place;
        }
    }
    if (curve.style == CurveStyle::Points) {
        for (const QPointF& place : places) {
            paintMarker(painter, MarkerShape::Diamond, place, 5, colourOf(curve),
                        theme().background);
        }
        paintNames(painter, curve);
        return;
    }
    painter.setPen(
        QPen(colourOf(curve), 2, curve.style == CurveStyle::Dashed ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(curve.style == CurveStyle::Steps ? stepsThrough(places) : places);
}

void CurveView::paintNames(QPainter& painter, const Curve& curve) const {
    painter.setFont(theme().font);
    painter.setPen(theme().text);
    const QFontMetricsF metrics(theme().font);
    std::vector<QRectF> taken;
    const auto count = std::min(std::size_t(curve.names.size()), curve.points.size());
    for (std::size_t point = 0; point < count; ++point) {
        const QString& name = curve.names[qsizetype(point)];
        const QPointF place = toView(curve.points[point].x(), curve.points[point].y());
        const QRectF box(place + QPointF(8, -metrics.height()),
                         QSizeF(metrics.horizontalAdvance(name), metrics.height()));
        const bool free = std::none_of(taken.begin(), taken.end(), [&box](const QRectF& other) {
            return other.intersects(box);
        });
        if (free) {
            painter.drawText(box, Qt::AlignLeft | Qt::TextDontClip, name);
            taken.push_back(box);
        }
    }
}

void CurveView::paintLegend(QPainter& painter) const {
    painter.setFont(theme().font);
    const QFontMetricsF metrics(theme().font);
    double x = plotArea().left() + 4;
    const double y = plotArea().top() - metrics.height() / 2 - 7;
    for (const Curve& curve : m_data.curves) {
        if (curve.style == CurveStyle::Points) {
            paintMarker(painter, MarkerShape::Diamond, {x + 10, y}, 5, colourOf(curve),
                        theme().background);
        } else {
            painter.setPen(QPen(colourOf(curve), 2,
                                curve.style == CurveStyle::Dashed ? Qt::DashLine : Qt::SolidLine));
            painter.drawLine(QPointF(x, y), QPointF(x + 20, y));
        }
        painter.setPen(theme().mutedText);
        painter.drawText(QPointF(x + 26, y + (metrics.ascent() - metrics.descent()) / 2),
                         curve.label);
        x += 26 + metrics.horizontalAdvance(curve.label) + 24;
    }
}

std::unique_ptr<PlotView> CurveView::copyForPicture() const {
    auto copy = std::make_unique<CurveView>();
    copy->setData(m_data);
    return copy;
}

QString CurveView::pictureCsv() const {
    QString csv = csvRow({QStringLiteral("curve"), m_data.xAxis.label, m_data.yAxis.label});
    for (const Curve& curve : m_data.curves) {
        for (const QPointF& point : curve.points) {
            csv += csvRow({curve.label, csvNumber(point.x()), csvNumber(point.y())});
        }
    }
    return csv;
}

QString CurveView::pictureSummary() const {
    QStringList parts;
    for (const Curve& curve : m_data.curves) {
        if (!curve.points.empty()) {
            parts << tr("%1: %2 points, last %3")
                         .arg(curve.label, locale().toString(qsizetype(curve.points.size())),
                              m_data.yAxis.describe(curve.points.back().y(), locale()));
        }
    }
    return parts.isEmpty() ? tr("Nothing to show yet.") : parts.join(QStringLiteral("; "));
}

Curve progressCurve(const QString& label, const std::vector<QPointF>& values) {
    Curve curve{label, {}, CurveStyle::Steps, 0, {}};
    double best = -kInfinity;
    for (const QPointF& value : values) {
        if (value.y() > best || (!values.empty() && &value == &values.back())) {
            best = std::max(best, value.y());
            curve.points.emplace_back(value.x(), best);
        }
    }
    return curve;
}

Curve rooflineCurve(const QString& label, double peakPerCycle, double bytesPerCycle, double low,
                    double high) {
    const double ridge = peakPerCycle / bytesPerCycle;
    Curve curve{label, {}, CurveStyle::Line, 0, {}};
    for (const double intensity : {low, std::clamp(ridge, low, high), high}) {
        curve.points.emplace_back(intensity, std::min(peakPerCycle, intensity * bytesPerCycle));
    }
    return curve;
}

}  // namespace bitloupe::charts
