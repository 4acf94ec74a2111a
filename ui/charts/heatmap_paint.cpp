// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/heatmap_paint.h"

#include <QtCore/QCoreApplication>

#include <algorithm>
#include <cmath>

#include "ui/charts/sensitivity_model.h"

namespace bitloupe::charts {

namespace {

constexpr double kGap = 1;
constexpr double kNameMargin = 8;  ///< around the name of a column

/// Diagonals cut by hand: hatch brushes become images on some vector devices.
void paintHatching(QPainter& painter, const QRectF& place, const ChartTheme& theme) {
    painter.setPen(QPen(mixed(theme.background, theme.text, 0.25), 1));
    constexpr double kSpacing = 7;
    for (double start = kSpacing; start < place.width() + place.height(); start += kSpacing) {
        const double fromX = std::min(start, place.width());
        const double fromY = start - fromX;
        const double toY = std::min(start, place.height());
        const double toX = start - toY;
        painter.drawLine(place.topLeft() + QPointF(fromX, fromY),
                         place.topLeft() + QPointF(toX, toY));
    }
}

/// Two lines, one dark and one light, so that the outline is seen on every colour.
void paintOutline(QPainter& painter, const QRectF& place, const ChartTheme& theme,
                  Qt::PenStyle style) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.text, 2, style, Qt::FlatCap, Qt::MiterJoin));
    painter.drawRect(place.adjusted(1, 1, -1, -1));
    painter.setPen(QPen(theme.background, 1, style, Qt::FlatCap, Qt::MiterJoin));
    painter.drawRect(place.adjusted(2.5, 2.5, -2.5, -2.5));
}

QString translated(const char* text) {
    return QCoreApplication::translate("charts", text);
}

}  // namespace

void paintHeatmapCell(QPainter& painter, const QRectF& place, const HeatmapCell& cell,
                      const ChartTheme& theme) {
    painter.fillRect(place, theme.background);  // whatever a table drew beneath
    const QRectF inner = place.adjusted(0, 0, -kGap, -kGap);
    if (std::isnan(cell.share)) {
        paintHatching(painter, inner, theme);
    } else {
        const QColor colour = quantityColourAt(cell.share);
        painter.fillRect(inner, colour);
        if (!cell.number.isEmpty()) {
            painter.setPen(contrastRatio(Qt::white, colour) > contrastRatio(Qt::black, colour)
                               ? Qt::white
                               : Qt::black);
            painter.drawText(inner, Qt::AlignCenter, cell.number);
        }
    }
    if (cell.chosen) {
        paintOutline(painter, inner, theme, Qt::SolidLine);
    }
    if (cell.current) {
        paintOutline(painter, inner.adjusted(4, 4, -4, -4), theme, Qt::DotLine);
    }
}

double columnNamesHeight(const SensitivityModel& model, double columnWidth,
                         const QFontMetricsF& metrics) {
    constexpr double kMostLines = 9;
    double longest = 0;
    for (int column = 0; column < model.columnCount(); ++column) {
        longest = std::max(
            longest, metrics.horizontalAdvance(
                         model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()));
    }
    const double line = metrics.height();
    return longest + kNameMargin <= columnWidth
               ? line + kNameMargin
               : std::min(longest, kMostLines * line) + kNameMargin;
}

void paintColumnName(QPainter& painter, const QRectF& place, const QString& name) {
    const QFontMetricsF metrics(painter.font());
    if (metrics.horizontalAdvance(name) + kNameMargin <= place.width() ||
        place.height() < 2 * metrics.height()) {
        painter.drawText(place, Qt::AlignCenter,
                         metrics.elidedText(name, Qt::ElideMiddle, place.width()));
        return;
    }
    painter.save();
    painter.translate(place.center().x(), place.bottom());
    painter.rotate(-90);
    painter.drawText(
        QRectF(kNameMargin / 2, -place.width() / 2, place.height() - kNameMargin, place.width()),
        Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(name, Qt::ElideMiddle, place.height() - kNameMargin));
    painter.restore();
}

double heatmapLegendHeight(const ChartTheme& theme) {
    return QFontMetricsF(theme.font).height() * 2 + 24;
}

QRectF paintColourBar(QPainter& painter, const QRectF& place, const AxisDescription& axis,
                      const AxisScale& scale, const ChartTheme& theme) {
    painter.setFont(theme.font);
    const QFontMetricsF metrics(theme.font);
    const double baseline = place.top() + metrics.ascent() + 4;
    painter.setPen(theme.text);
    painter.drawText(QPointF(place.left(), baseline), axis.title());
    const QRectF bar(place.left(), baseline + metrics.descent() + 4,
                     std::clamp(place.width() * 0.3, 120.0, 320.0), 10);
    painter.fillRect(bar, quantityGradient(bar.topLeft(), bar.topRight()));
    painter.setPen(theme.mutedText);
    double free = bar.left() - 1000;
    for (const Tick& tick : scale.ticks(4)) {
        const double x = bar.left() + scale.toUnit(tick.value) * bar.width();
        const double width = metrics.horizontalAdvance(tick.label);
        const double left = std::max(x - width / 2, place.left());
        if (left >= free) {
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3));
            painter.drawText(QPointF(left, bar.bottom() + 4 + metrics.ascent()), tick.label);
            free = left + width + 6;
        }
    }
    return bar;
}

void paintHeatmapLegend(QPainter& painter, const QRectF& place, const AxisDescription& axis,
                        const AxisScale& scale, const ChartTheme& theme) {
    const QRectF bar = paintColourBar(painter, place, axis, scale, theme);
    const QFontMetricsF metrics(theme.font);
    const QSizeF sample(22, 14);
    constexpr double kBeforeText = 28;
    constexpr double kAfterText = 20;
    const QString missing = translated("not measured");
    const QString chosen = translated("in the selected design");
    const double across = bar.right() + 32;
    const double second = across + kBeforeText + metrics.horizontalAdvance(missing) + kAfterText;
    const auto entry = [&](const HeatmapCell& cell, const QString& text, QPointF at) {
        paintHeatmapCell(painter, QRectF(at, sample), cell, theme);
        painter.setPen(theme.mutedText);
        painter.drawText(at + QPointF(kBeforeText, metrics.ascent()), text);
    };
    const bool fits = second + kBeforeText + metrics.horizontalAdvance(chosen) <= place.right();
    const double beside =  // one above the other where there is no room for both in a row
        std::max(across, place.left() + metrics.horizontalAdvance(axis.title()) + kAfterText);
    const double top = bar.top() - 2;
    entry({std::nan(""), {}, false, false}, missing,
          fits ? QPointF(across, top) : QPointF(beside, top - metrics.height() - 4));
    entry({0.5, {}, true, false}, chosen, fits ? QPointF(second, top) : QPointF(beside, top));
}

void paintHeatmap(QPainter& painter, QSizeF size, const SensitivityModel& model, bool numbers,
                  const ChartTheme& theme) {
    painter.fillRect(QRectF(QPointF(), size), theme.background);
    const int rows = model.rowCount();
    const int columns = model.columnCount();
    if (rows == 0 || columns == 0) {
        return;
    }
    painter.setFont(theme.font);
    const QFontMetricsF metrics(theme.font);
    double names = 0;
    for (int row = 0; row < rows; ++row) {
        const QString name = model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
        names = std::max(names, metrics.horizontalAdvance(name));
    }
    constexpr double kMargin = 16;
    const double width = size.width() - 2 * kMargin - names - 10;
    const double head = columnNamesHeight(model, width / columns, metrics);
    const QRectF grid(kMargin + names + 10, kMargin + head, width,
                      size.height() - 2 * kMargin - head - heatmapLegendHeight(theme) - 8);
    const QSizeF cell(grid.width() / columns, grid.height() / rows);
    for (int column = 0; column < columns; ++column) {
        painter.setPen(theme.mutedText);
        paintColumnName(painter,
                        QRectF(grid.left() + column * cell.width(), kMargin, cell.width(), head),
                        model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    }
    for (int row = 0; row < rows; ++row) {
        const double top = grid.top() + row * cell.height();
        const bool heading = model.index(row, 0).data(SensitivityModel::HeadingRole).toBool();
        painter.setPen(heading ? theme.text : theme.mutedText);
        painter.drawText(QRectF(kMargin, top, names, cell.height()),
                         (heading ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                         model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString());
        for (int column = 0; column < columns && !heading; ++column) {
            const QModelIndex index = model.index(row, column);
            paintHeatmapCell(painter,
                             QRectF(QPointF(grid.left() + column * cell.width(), top), cell),
                             {index.data(SensitivityModel::ShareRole).toDouble(),
                              numbers ? index.data().toString() : QString(),
                              index.data(SensitivityModel::ChosenRole).toBool(), false},
                             theme);
        }
    }
    paintHeatmapLegend(
        painter, QRectF(grid.left(), grid.bottom() + 8, grid.width(), heatmapLegendHeight(theme)),
        model.axis(), model.scale(), theme);
}

}  // namespace bitloupe::charts
