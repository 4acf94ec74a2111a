// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/scatter_paint.h"

#include <QtCore/QCoreApplication>

#include <algorithm>
#include <cmath>

#include "ui/charts/markers.h"

namespace bitloupe::charts {

namespace {

constexpr double kFrontRadius = 6;
constexpr double kPinRadius = 7.5;

QString translated(const char* text) {
    return QCoreApplication::translate("charts", text);
}

/// A horizontal or vertical line, cut to the area: vector devices do not all clip.
void drawStraight(QPainter& painter, const QRectF& area, QPointF from, QPointF to) {
    if (std::max(from.x(), to.x()) < area.left() || std::min(from.x(), to.x()) > area.right() ||
        std::max(from.y(), to.y()) < area.top() || std::min(from.y(), to.y()) > area.bottom()) {
        return;
    }
    const auto cut = [&area](QPointF point) {
        return QPointF(std::clamp(point.x(), area.left(), area.right()),
                       std::clamp(point.y(), area.top(), area.bottom()));
    };
    painter.drawLine(cut(from), cut(to));
}

QString referenceName(const ScatterData& data) {
    return data.referenceLabel.isEmpty() ? translated("float") : data.referenceLabel;
}

/// At the end of the reference's line, where the reference itself lies right of the picture.
void paintWayToReference(QPainter& painter, const ScatterScene& scene, double y) {
    constexpr double kArrow = 5;
    const double tip = scene.area.right() - 2;
    painter.setPen(Qt::NoPen);
    painter.setBrush(scene.theme.reference);
    painter.drawPolygon(QPolygonF(
        {QPointF(tip - 1.6 * kArrow, y - kArrow), {tip, y}, {tip - 1.6 * kArrow, y + kArrow}}));
    const QString text = translated("%1: %2").arg(
        referenceName(scene.data), scene.data.xAxis.describe(scene.data.reference->x()));
    painter.setFont(scene.theme.font);
    const QFontMetricsF metrics(scene.theme.font);
    const double baseline = y - scene.area.top() > metrics.height() + 2 * kArrow
                                ? y - kArrow - metrics.descent()
                                : y + kArrow + metrics.ascent();
    painter.setPen(scene.theme.mutedText);
    painter.drawText(QPointF(tip - metrics.horizontalAdvance(text), baseline), text);
}

void paintReference(QPainter& painter, const ScatterScene& scene) {
    if (!scene.data.reference.has_value()) {
        return;
    }
    const QPointF centre = scene.place(scene.data.reference->x(), scene.data.reference->y());
    painter.setPen(QPen(scene.theme.mutedText, 1, Qt::DashLine));
    drawStraight(painter, scene.area, {scene.area.left(), centre.y()},
                 {scene.area.right(), centre.y()});
    if (scene.area.contains(centre)) {
        paintMarker(painter, MarkerShape::Cross, centre, kPinRadius, scene.theme.reference,
                    scene.theme.background);
    } else if (centre.x() > scene.area.right() && scene.area.top() <= centre.y() &&
               centre.y() <= scene.area.bottom()) {
        paintWayToReference(painter, scene, centre.y());
    }
}

void paintSteps(QPainter& painter, const ScatterScene& scene) {
    painter.setPen(QPen(scene.theme.front, 1.6));
    const std::vector<QPointF> corners = frontSteps(scene.data, scene.front);
    for (std::size_t corner = 1; corner < corners.size(); ++corner) {
        drawStraight(painter, scene.area,
                     scene.place(corners[corner - 1].x(), corners[corner - 1].y()),
                     scene.place(corners[corner].x(), corners[corner].y()));
    }
}

void paintLinks(QPainter& painter, const ScatterScene& scene) {
    QColor colour = scene.theme.text;
    colour.setAlpha(140);
    painter.setPen(QPen(colour, 1.2));
    for (const ScatterLink& link : scene.data.links) {
        if (scene.shows(link.parent) && scene.shows(link.child)) {
            painter.drawLine(scene.place(link.parent), scene.place(link.child));
        }
    }
}

void paintIntervals(QPainter& painter, const ScatterScene& scene) {
    if (scene.data.low.empty()) {
        return;
    }
    QColor colour = scene.theme.front;
    colour.setAlpha(150);
    painter.setPen(QPen(colour, 1.2, Qt::SolidLine, Qt::FlatCap));
    for (const std::size_t point : scene.front) {
        if (scene.shows(point)) {
            const double x = scene.data.x[point];
            drawStraight(painter, scene.area, scene.place(x, scene.data.low[point]),
                         scene.place(x, scene.data.high[point]));
        }
    }
}

void paintFront(QPainter& painter, const ScatterScene& scene) {
    for (const std::size_t point : scene.front) {
        if (scene.shows(point)) {
            const bool byQuantity = !scene.data.colour.empty() || scene.data.is(point, kInfeasible);
            paintMarker(painter, MarkerShape::Diamond, scene.place(point),
                        scene.markerRadius(point),
                        byQuantity ? scene.dot(point).colour : scene.theme.front,
                        byQuantity ? scene.theme.text : scene.theme.background);
        }
    }
}

void paintPins(QPainter& painter, const ScatterScene& scene) {
    for (std::size_t point = 0; point < scene.data.count(); ++point) {
        if (scene.data.is(point, kPinned) && scene.shows(point)) {
            paintMarker(painter, MarkerShape::Plus, scene.place(point), kPinRadius,
                        scene.theme.pinned, scene.theme.background);
        }
    }
}

}  // namespace

double dotRadius(std::size_t count) {
    return count < 3000 ? 2.75 : count < 30000 ? 2.0 : 1.5;
}

QPointF ScatterScene::place(double xValue, double yValue) const {
    return {area.left() + x.toUnit(xValue) * area.width(),
            area.bottom() - y.toUnit(yValue) * area.height()};
}

QPointF ScatterScene::place(std::size_t point) const {
    return place(data.x[point], data.y[point]);
}

bool ScatterScene::shows(std::size_t point) const {
    return !data.is(point, kHidden) && x.contains(data.x[point]) && y.contains(data.y[point]);
}

DotLook ScatterScene::dot(std::size_t point) const {
    DotLook look;
    look.radius = dotRadius(data.count());
    if (!data.size.empty()) {
        const double share = size.toUnit(data.size[point]);
        look.radius = std::isnan(share) ? 1 : 1.5 + 5.5 * std::sqrt(std::clamp(share, 0.0, 1.0));
    }
    if (data.is(point, kInfeasible)) {
        look.colour = theme.infeasible;
        look.open = true;
        return look;
    }
    look.colour = theme.dominated;
    int alpha = 150;
    if (!data.colour.empty()) {
        const double share = colour.toUnit(data.colour[point]);
        look.colour = std::isnan(share) ? theme.infeasible : quantityColourAt(share);
        alpha = 220;
    }
    look.colour.setAlpha(alpha);
    return look;
}

double ScatterScene::markerRadius(std::size_t point) const {
    return data.size.empty() ? kFrontRadius : std::max(dot(point).radius + 2, kFrontRadius - 1);
}

void paintDots(QPainter& painter, const ScatterScene& scene, std::size_t first, std::size_t last) {
    for (std::size_t point = first; point < last; ++point) {
        if (scene.shows(point) && !scene.data.is(point, kFront)) {
            const DotLook look = scene.dot(point);
            paintMarker(painter, look.open ? MarkerShape::OpenDot : MarkerShape::Dot,
                        scene.place(point), look.radius, look.colour, look.colour);
        }
    }
}

void paintMarks(QPainter& painter, const ScatterScene& scene) {
    paintReference(painter, scene);
    paintSteps(painter, scene);
    paintLinks(painter, scene);
    paintIntervals(painter, scene);
    paintFront(painter, scene);
    paintPins(painter, scene);
}

void paintRing(QPainter& painter, const ScatterScene& scene, std::size_t point, double extraRadius,
               const QColor& colour, Qt::PenStyle style) {
    if (!scene.shows(point)) {
        return;
    }
    const double radius = scene.markerRadius(point) + extraRadius;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(scene.theme.background, 4));
    painter.drawEllipse(scene.place(point), radius, radius);
    painter.setPen(QPen(colour, 2, style));
    painter.drawEllipse(scene.place(point), radius, radius);
}

void paintDraft(QPainter& painter, const ScatterScene& scene, std::optional<std::size_t> base) {
    if (!scene.data.draft) {
        return;
    }
    const ScatterDraft& draft = *scene.data.draft;
    const QPointF place = scene.place(draft.place.x(), draft.place.y());
    if (!scene.area.contains(place)) {
        return;
    }
    if (base && scene.shows(*base)) {
        painter.setPen(QPen(scene.theme.selected, 1.6, Qt::DashLine));
        painter.drawLine(scene.place(*base), place);
    }
    painter.setPen(QPen(scene.theme.selected, 2));
    painter.setBrush(scene.theme.background);
    painter.drawEllipse(place, kFrontRadius, kFrontRadius);
    const QFontMetricsF metrics(scene.theme.font);
    const double width = metrics.horizontalAdvance(draft.text);
    const bool left = place.x() + width + 3 * kFrontRadius > scene.area.right();
    painter.setFont(scene.theme.font);
    painter.setPen(scene.theme.text);
    painter.drawText(
        QPointF(left ? place.x() - width - 2 * kFrontRadius : place.x() + 2 * kFrontRadius,
                place.y() + metrics.ascent() / 2),
        draft.text);
}

void paintLimits(QPainter& painter, const ScatterScene& scene, std::optional<double> x,
                 std::optional<double> y) {
    painter.setPen(QPen(scene.theme.text, 1.2, Qt::DashDotLine));
    if (x.has_value()) {
        const double pixel = scene.place(*x, scene.y.low()).x();
        drawStraight(painter, scene.area, {pixel, scene.area.top()}, {pixel, scene.area.bottom()});
    }
    if (y.has_value()) {
        const double pixel = scene.place(scene.x.low(), *y).y();
        drawStraight(painter, scene.area, {scene.area.left(), pixel}, {scene.area.right(), pixel});
    }
}

void paintBrush(QPainter& painter, const ScatterScene& scene, const std::optional<QRectF>& brush,
                const QRectF& inProgress) {
    QRectF rectangle = inProgress;
    if (rectangle.isEmpty() && brush.has_value()) {
        rectangle = QRectF(scene.place(brush->left(), brush->top()),
                           scene.place(brush->right(), brush->bottom()))
                        .normalized()
                        .intersected(scene.area);
    }
    if (!rectangle.isEmpty()) {
        QColor fill = scene.theme.selected;
        fill.setAlpha(22);
        painter.setPen(QPen(scene.theme.selected, 1));
        painter.setBrush(fill);
        painter.drawRect(rectangle);
    }
}

void paintNotes(QPainter& painter, const ScatterScene& scene) {
    painter.setFont(scene.theme.font);
    for (const ScatterNote& note : scene.data.notes) {
        const auto found = std::find(scene.data.ids.begin(), scene.data.ids.end(), note.id);
        const auto point = std::size_t(found - scene.data.ids.begin());
        if (found == scene.data.ids.end() || !scene.shows(point)) {
            continue;
        }
        const QPointF centre = scene.place(point);
        const QSizeF size = QFontMetricsF(scene.theme.font).size(0, note.text);
        const bool left = centre.x() + size.width() + 24 > scene.area.right();
        const QRectF box(left ? centre.x() - size.width() - 26 : centre.x() + 26,
                         std::min(centre.y() + 14, scene.area.bottom() - size.height()),
                         size.width(), size.height());
        painter.setPen(QPen(scene.theme.mutedText, 1));
        painter.drawLine(centre, {left ? box.right() : box.left(), box.center().y()});
        QColor plate = scene.theme.background;
        plate.setAlpha(225);
        painter.setPen(QPen(scene.theme.grid, 1));
        painter.setBrush(plate);
        painter.drawRoundedRect(box.adjusted(-5, -2, 5, 2), 3, 3);
        painter.setPen(scene.theme.text);
        painter.drawText(box, Qt::AlignLeft | Qt::TextDontClip, note.text);
    }
}

double paintLegend(QPainter& painter, const ScatterScene& scene) {
    unsigned flags = 0;
    bool dominated = false;
    for (const quint8 point : scene.data.flags) {
        flags |= point;
        dominated = dominated || (point & (kFront | kInfeasible)) == 0;
    }
    painter.setFont(scene.theme.font);
    const QFontMetricsF metrics(scene.theme.font);
    double x = scene.area.left() + 6;
    const double y = scene.area.top() - metrics.height() * 0.5 - 8;
    const auto entry = [&](MarkerShape shape, double radius, const QColor& colour,
                           const QString& text) {
        paintMarker(painter, shape, {x, y}, radius, colour, scene.theme.background);
        painter.setPen(scene.theme.mutedText);
        painter.drawText(QPointF(x + 12, y + (metrics.ascent() - metrics.descent()) / 2), text);
        x += 12 + metrics.horizontalAdvance(text) + 24;
    };
    if ((flags & kFront) != 0) {
        entry(MarkerShape::Diamond, kFrontRadius, scene.theme.front, translated("on the front"));
    }
    if (dominated) {
        entry(MarkerShape::Dot, 3, scene.theme.dominated, translated("dominated"));
    }
    if ((flags & kInfeasible) != 0) {
        entry(MarkerShape::OpenDot, 3, scene.theme.infeasible,
              translated("outside the constraints"));
    }
    if ((flags & kPinned) != 0) {
        entry(MarkerShape::Plus, 6, scene.theme.pinned, translated("pinned"));
    }
    if (scene.data.reference.has_value()) {
        entry(MarkerShape::Cross, 6.5, scene.theme.reference, referenceName(scene.data));
    }
    return x;
}

void paintColourBar(QPainter& painter, const ScatterScene& scene, const ColourBarPlace& place) {
    const double width = 12;
    const QRectF bar(place.left, scene.area.top(), width, scene.area.height());
    painter.fillRect(bar, quantityGradient(bar.bottomLeft(), bar.topLeft()));
    painter.setFont(scene.theme.font);
    const QFontMetricsF metrics(scene.theme.font);
    painter.setPen(scene.theme.mutedText);
    for (const Tick& tick : scene.colour.ticks(5)) {
        const double y = bar.bottom() - scene.colour.toUnit(tick.value) * bar.height();
        painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 4, y));
        painter.drawText(QPointF(bar.right() + 7, y + (metrics.ascent() - metrics.descent()) / 2),
                         tick.label);
    }
    painter.setPen(scene.theme.text);
    const QString title = scene.data.colourAxis.title();
    const double left = place.right - metrics.horizontalAdvance(title);
    const double up = left < place.legendEnd ? metrics.height() : 0;
    painter.drawText(QPointF(left, bar.top() - 10 - up), title);
}

}  // namespace bitloupe::charts
