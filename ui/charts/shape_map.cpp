// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/shape_map.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/csv.h"
#include "ui/charts/heatmap_paint.h"

namespace bitloupe::charts {

namespace {

constexpr double kMargin = 8;

/// Cells without a number of their own are not in the scale.
AxisScale scaleOf(const ShapeMapData& data) {
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (const double value : data.values) {
        if (value > 0) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    return high > 0 ? AxisScale(data.axis.scale, low, std::max(high, low * 1.0001)) : AxisScale();
}

double widest(const QStringList& names, const QFontMetricsF& metrics) {
    double width = 0;
    for (const QString& name : names) {
        width = std::max(width, metrics.horizontalAdvance(name));
    }
    return width;
}

}  // namespace

struct ShapeMap::Frame {
    QRectF grid;
    double rowNames = 0;  ///< width of the names on the left
    double line = 0;      ///< height of a line of text
    QRectF legend;
};

ShapeMap::ShapeMap(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setData({});
}

void ShapeMap::setData(ShapeMapData data) {
    m_data = std::move(data);
    const int cells = int(m_data.values.size());
    m_current =
        m_data.chosen >= 0 ? m_data.chosen : std::clamp(m_current, 0, std::max(0, cells - 1));
    setAccessibleName(
        m_data.axis.label.isEmpty()
            ? tr("Map")
            : tr("%1 over %2 and %3").arg(m_data.axis.label, m_data.rowTitle, m_data.columnTitle));
    setAccessibleDescription(pictureSummary());
    update();
}

QSize ShapeMap::minimumSizeHint() const {
    const int line = fontMetrics().height();
    return {line * 16, line * 10};
}

ShapeMap::Frame ShapeMap::frameFor(QSizeF size, const QFont& font) const {
    const QFontMetricsF metrics(font);
    Frame frame;
    frame.line = metrics.height();
    frame.rowNames =
        std::max(widest(m_data.rows, metrics), metrics.horizontalAdvance(m_data.rowTitle)) +
        kMargin;
    ChartTheme theme;
    theme.font = font;
    const double legend = heatmapLegendHeight(theme);
    frame.grid = QRectF(kMargin + frame.rowNames, kMargin + 2 * frame.line + 4,
                        size.width() - 2 * kMargin - frame.rowNames,
                        size.height() - 2 * kMargin - 2 * frame.line - 4 - legend);
    frame.legend = QRectF(frame.grid.left(), frame.grid.bottom() + 4, frame.grid.width(), legend);
    return frame;
}

QRectF ShapeMap::cellPlace(int row, int column) const {
    const QRectF grid = frameFor(size(), font()).grid;
    const QSizeF cell(grid.width() / double(std::max<qsizetype>(1, m_data.columns.size())),
                      grid.height() / double(std::max<qsizetype>(1, m_data.rows.size())));
    return {QPointF(grid.left() + column * cell.width(), grid.top() + row * cell.height()), cell};
}

int ShapeMap::cellAt(QPointF place) const {
    const QRectF grid = frameFor(size(), font()).grid;
    if (m_data.values.empty() || !grid.contains(place)) {
        return -1;
    }
    const auto step = [](double share, qsizetype count) {
        return std::clamp(int(share * double(count)), 0, int(count) - 1);
    };
    return m_data.cell(step((place.y() - grid.top()) / grid.height(), m_data.rows.size()),
                       step((place.x() - grid.left()) / grid.width(), m_data.columns.size()));
}

QString ShapeMap::describe(int cell) const {
    const int columns = int(m_data.columns.size());
    return tr("%1 %2, %3 %4: %5")
        .arg(m_data.rowTitle, m_data.rows.value(cell / columns), m_data.columnTitle,
             m_data.columns.value(cell % columns),
             m_data.axis.describe(m_data.values[std::size_t(cell)], locale()));
}

void ShapeMap::paint(QPainter& painter, QSizeF size, const ChartTheme& theme, int current) const {
    painter.fillRect(QRectF(QPointF(), size), theme.background);
    if (m_data.values.empty()) {
        return;
    }
    const Frame frame = frameFor(size, theme.font);
    const AxisScale scale = scaleOf(m_data);
    painter.setFont(theme.font);
    const QFontMetricsF metrics(theme.font);
    painter.setPen(theme.text);
    painter.drawText(QRectF(frame.grid.left(), kMargin, frame.grid.width(), frame.line),
                     Qt::AlignLeft, m_data.columnTitle);
    painter.drawText(QRectF(kMargin, kMargin + frame.line, frame.rowNames, frame.line),
                     Qt::AlignLeft, m_data.rowTitle);
    const double width = frame.grid.width() / double(m_data.columns.size());
    const double height = frame.grid.height() / double(m_data.rows.size());
    painter.setPen(theme.mutedText);
    for (qsizetype column = 0; column < m_data.columns.size(); ++column) {
        painter.drawText(QRectF(frame.grid.left() + double(column) * width, kMargin + frame.line,
                                width, frame.line),
                         Qt::AlignCenter, m_data.columns[column]);
    }
    for (qsizetype row = 0; row < m_data.rows.size(); ++row) {
        const double top = frame.grid.top() + double(row) * height;
        painter.setPen(theme.mutedText);
        painter.drawText(QRectF(kMargin, top, frame.rowNames - kMargin, height),
                         Qt::AlignRight | Qt::AlignVCenter, m_data.rows[row]);
        for (qsizetype column = 0; column < m_data.columns.size(); ++column) {
            const int index = m_data.cell(int(row), int(column));
            const double value = m_data.values[std::size_t(index)];
            QString number = readableNumber(value, locale(), 3);
            if (metrics.horizontalAdvance(number) > width - 6 || metrics.height() > height) {
                number.clear();
            }
            paintHeatmapCell(painter,
                             QRectF(frame.grid.left() + double(column) * width, top, width, height),
                             {value > 0 ? scale.toUnit(value) : std::nan(""), number,
                              index == m_data.chosen, index == current},
                             theme);
        }
    }
    paintColourBar(painter, frame.legend, m_data.axis, scale, theme);
}

void ShapeMap::paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const {
    paint(painter, size, theme, -1);
}

void ShapeMap::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    paint(painter, size(), ChartTheme::fromPalette(palette(), font()), hasFocus() ? m_current : -1);
}

void ShapeMap::mousePressEvent(QMouseEvent* event) {
    const int cell = event->button() == Qt::LeftButton ? cellAt(event->position()) : -1;
    if (cell >= 0) {
        m_current = cell;
        const int columns = int(m_data.columns.size());
        Q_EMIT cellChosen(cell / columns, cell % columns);
        update();
    }
}

void ShapeMap::keyPressEvent(QKeyEvent* event) {
    const int columns = int(m_data.columns.size());
    const int rows = int(m_data.rows.size());
    if (columns == 0 || rows == 0) {
        return QWidget::keyPressEvent(event);
    }
    int row = m_current / columns;
    int column = m_current % columns;
    switch (event->key()) {
        case Qt::Key_Left:
            column = std::max(0, column - 1);
            break;
        case Qt::Key_Right:
            column = std::min(columns - 1, column + 1);
            break;
        case Qt::Key_Up:
            row = std::max(0, row - 1);
            break;
        case Qt::Key_Down:
            row = std::min(rows - 1, row + 1);
            break;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            Q_EMIT cellChosen(row, column);
            return;
        default:
            return QWidget::keyPressEvent(event);
    }
    m_current = m_data.cell(row, column);
    setAccessibleDescription(describe(m_current));
    update();
}

bool ShapeMap::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int cell = cellAt(help->pos());
        if (cell >= 0) {
            QToolTip::showText(help->globalPos(), describe(cell), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

void ShapeMap::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void ShapeMap::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

QString ShapeMap::pictureCsv() const {
    QString csv = csvRow({m_data.rowTitle, m_data.columnTitle, m_data.axis.label});
    for (qsizetype row = 0; row < m_data.rows.size(); ++row) {
        for (qsizetype column = 0; column < m_data.columns.size(); ++column) {
            csv +=
                csvRow({m_data.rows[row], m_data.columns[column],
                        csvNumber(m_data.values[std::size_t(m_data.cell(int(row), int(column)))])});
        }
    }
    return csv;
}

QString ShapeMap::pictureSummary() const {
    int best = -1;
    for (std::size_t cell = 0; cell < m_data.values.size(); ++cell) {
        const double value = m_data.values[cell];
        const double least = best < 0 ? 0 : m_data.values[std::size_t(best)];
        const bool better = m_data.axis.better == Better::Higher ? value > least : value < least;
        if (value > 0 && (best < 0 || better)) {
            best = int(cell);
        }
    }
    return best < 0 ? tr("Nothing to show yet.") : tr("Best: %1").arg(describe(best));
}

}  // namespace bitloupe::charts
