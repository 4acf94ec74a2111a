// SPDX-License-Identifier: Apache-2.0
// Data, places and drawing; parallel_coordinates_input.cpp has mouse and keyboard.
#include "ui/charts/parallel_coordinates.h"

#include <QtCore/QEvent>
#include <QtGui/QPainter>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/charts/csv.h"

namespace bitloupe::charts {

namespace {

constexpr double kMargin = 12;
/// Above this many lines they are drawn without smoothing: nobody can tell single ones apart.
constexpr std::size_t kSmoothLines = 2000;

}  // namespace

ParallelCoordinates::ParallelCoordinates(QWidget* parent)
    : QWidget(parent),
      m_data(std::make_shared<const ParallelData>()),
      m_theme(ChartTheme::fromPalette(palette(), font())) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(240, 140);
    setAccessibleName(tr("Designs across all quantities"));
}

void ParallelCoordinates::setData(ParallelSnapshot snapshot) {
    if (snapshot == nullptr || snapshot->values.size() != snapshot->axes.size() ||
        snapshot->flags.size() != snapshot->ids.size()) {
        return;
    }
    const bool sameAxes = snapshot->axes == m_data->axes;
    m_data = std::move(snapshot);
    if (!sameAxes) {
        m_axes.assign(m_data->axes.size(), {});
        m_order.resize(m_data->axes.size());
        std::iota(m_order.begin(), m_order.end(), 0);
    }
    for (std::size_t axis = 0; axis < m_axes.size(); ++axis) {
        const AxisDescription& description = m_data->axes[axis];
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        const AxisScale shape(description.scale, 1, 10);
        for (const double value : m_data->values[axis]) {
            if (std::isfinite(shape.toLinear(value))) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        }
        m_axes[axis].scale = sameAxes ? grownScale(description, m_axes[axis].scale, low, high)
                                      : roundScale(description, low, high);
    }
    refresh();
}

void ParallelCoordinates::refresh() {
    m_linesStale = true;
    setAccessibleDescription(pictureSummary());
    update();
}

void ParallelCoordinates::setFrontOnly(bool frontOnly) {
    m_frontOnly = frontOnly;
    refresh();
}

void ParallelCoordinates::setSelected(std::optional<qint64> id) {
    m_selected = id;
    update();
}

void ParallelCoordinates::setHighlighted(const QList<qint64>& ids) {
    m_highlighted = ids;
    update();
}

ParallelCoordinates::Frame ParallelCoordinates::frameFor(QSizeF size, const QFont& font) const {
    const QFontMetricsF metrics(font);
    double widest = 0;
    for (const AxisDescription& axis : m_data->axes) {
        widest = std::max(widest, metrics.horizontalAdvance(axis.label));
    }
    Frame frame;
    frame.nameHeight = 2 * metrics.height() + 10;
    const double side = kMargin + std::max(widest / 2, 4 * metrics.averageCharWidth());
    frame.area = QRectF(side, kMargin + frame.nameHeight, size.width() - 2 * side - 40,
                        size.height() - 2 * kMargin - frame.nameHeight - metrics.height() - 4);
    frame.missingY = frame.area.bottom() + metrics.height() * 0.5 + 4;
    return frame;
}

double ParallelCoordinates::axisX(const Frame& frame, int position) const {
    const auto gaps = double(std::max<std::size_t>(m_order.size(), 2) - 1);
    return frame.area.left() + frame.area.width() * position / gaps;
}

double ParallelCoordinates::valueY(const Frame& frame, int axis, double value) const {
    const Axis& place = m_axes[std::size_t(axis)];
    const double unit = place.scale.toUnit(value);
    if (std::isnan(unit)) {
        return frame.missingY;
    }
    return frame.area.bottom() - frame.area.height() * (place.turned ? 1 - unit : unit);
}

double ParallelCoordinates::valueAt(const Frame& frame, int axis, double y) const {
    const Axis& place = m_axes[std::size_t(axis)];
    const double unit =
        std::clamp((frame.area.bottom() - y) / std::max(frame.area.height(), 1.0), 0.0, 1.0);
    return place.scale.fromUnit(place.turned ? 1 - unit : unit);
}

bool ParallelCoordinates::isShown(std::size_t design) const {
    const quint8 flags = m_data->flags[design];
    return (flags & kHidden) == 0 && (!m_frontOnly || (flags & (kFront | kPinned)) != 0);
}

bool ParallelCoordinates::isKept(std::size_t design) const {
    for (std::size_t axis = 0; axis < m_axes.size(); ++axis) {
        const Range& range = m_axes[axis].range;
        const double value = m_data->values[axis][design];
        if (range.has_value() && !(value >= range->first && value <= range->second)) {
            return false;
        }
    }
    return true;
}

QPolygonF ParallelCoordinates::lineOf(const Frame& frame, std::size_t design) const {
    QPolygonF line;
    for (int position = 0; position < int(m_order.size()); ++position) {
        const int axis = m_order[std::size_t(position)];
        line << QPointF(axisX(frame, position),
                        valueY(frame, axis, m_data->values[std::size_t(axis)][design]));
    }
    return line;
}

void ParallelCoordinates::paintLines(QPainter& painter, const Frame& frame,
                                     const ChartTheme& theme) const {
    std::vector<std::size_t> shown;
    for (std::size_t design = 0; design < m_data->ids.size(); ++design) {
        if (isShown(design)) {
            shown.push_back(design);
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, shown.size() <= kSmoothLines);
    painter.setBrush(Qt::NoBrush);
    const int crowd =
        std::max(25, int(100 * std::min(1.0, std::sqrt(300.0 / double(shown.size() + 1)))));
    // What is filtered away stays as a quiet background, what is kept comes above it.
    const auto pass = [&](bool kept, bool front) {
        QColor colour = !kept ? theme.grid : front ? theme.front : theme.dominated;
        colour.setAlpha(!kept ? 130 : front ? 220 : crowd);
        painter.setPen(QPen(colour, front && kept ? 1.5 : 1.0));
        for (const std::size_t design : shown) {
            const bool isFront = (m_data->flags[design] & kFront) != 0;
            if (isKept(design) == kept && isFront == front) {
                painter.drawPolyline(lineOf(frame, design));
            }
        }
    };
    pass(false, false);
    pass(false, true);
    pass(true, false);
    pass(true, true);
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void ParallelCoordinates::paintAxes(QPainter& painter, const Frame& frame,
                                    const ChartTheme& theme) const {
    painter.setFont(theme.font);
    for (int position = 0; position < int(m_order.size()); ++position) {
        const int axis = m_order[std::size_t(position)];
        const double x = axisX(frame, position);
        painter.setPen(QPen(theme.axis, 1));
        painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()));
        paintName(painter, frame, theme, position);
        paintTicks(painter, frame, theme, position);
        if (const Range& range = m_axes[std::size_t(axis)].range; range.has_value()) {
            const QRectF kept = QRectF(QPointF(x - 6, valueY(frame, axis, range->first)),
                                       QPointF(x + 6, valueY(frame, axis, range->second)))
                                    .normalized();
            QColor fill = theme.text;
            fill.setAlpha(60);
            painter.setPen(QPen(theme.text, 1.2));
            painter.setBrush(fill);
            painter.drawRect(kept);
        }
    }
}

void ParallelCoordinates::paintName(QPainter& painter, const Frame& frame, const ChartTheme& theme,
                                    int position) const {
    const int axis = m_order[std::size_t(position)];
    const AxisDescription& description = m_data->axes[std::size_t(axis)];
    const QFontMetricsF metrics(theme.font);
    const QRectF line(axisX(frame, position) - 120, frame.area.top() - frame.nameHeight, 240,
                      metrics.height());
    painter.setPen(theme.text);
    painter.drawText(line, Qt::AlignHCenter,
                     description.unit.isEmpty()
                         ? description.label
                         : tr("%1 in %2").arg(description.label, description.unit));
    if (description.better != Better::Neither) {
        const bool up = (description.better == Better::Higher) != m_axes[std::size_t(axis)].turned;
        painter.setPen(theme.mutedText);
        painter.drawText(line.translated(0, metrics.height()), Qt::AlignHCenter,
                         up ? tr("up is better") : tr("down is better"));
    }
}

void ParallelCoordinates::paintTicks(QPainter& painter, const Frame& frame, const ChartTheme& theme,
                                     int position) const {
    const int axis = m_order[std::size_t(position)];
    const AxisScale& scale = m_axes[std::size_t(axis)].scale;
    const QFontMetricsF metrics(theme.font);
    const double x = axisX(frame, position);
    QColor plate = theme.background;
    plate.setAlpha(190);
    const int count = std::max(2, int(frame.area.height() / (metrics.height() * 2.5)));
    for (const Tick& tick : scale.ticks(count)) {
        const double y = valueY(frame, axis, tick.value);
        painter.setPen(QPen(theme.axis, 1));
        painter.drawLine(QPointF(x, y), QPointF(x + 4, y));
        const QRectF box(x + 6, y - metrics.height() / 2, metrics.horizontalAdvance(tick.label) + 4,
                         metrics.height());
        painter.fillRect(box, plate);
        painter.setPen(theme.mutedText);
        painter.drawText(box, Qt::AlignCenter, tick.label);
    }
    const std::vector<double>& values = m_data->values[std::size_t(axis)];
    if (std::any_of(values.begin(), values.end(),
                    [&scale](double value) { return std::isnan(scale.toUnit(value)); })) {
        painter.setPen(theme.mutedText);
        painter.drawText(QPointF(x + 8, frame.missingY + metrics.descent()), tr("n/a"));
    }
}

void ParallelCoordinates::paintAccents(QPainter& painter, const Frame& frame,
                                       const ChartTheme& theme) const {
    const auto accent = [&](qint64 id, double width) {
        const auto found = std::find(m_data->ids.begin(), m_data->ids.end(), id);
        if (found != m_data->ids.end()) {
            const QPolygonF line = lineOf(frame, std::size_t(found - m_data->ids.begin()));
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(theme.background, width + 3));
            painter.drawPolyline(line);
            painter.setPen(QPen(theme.selected, width));
            painter.drawPolyline(line);
        }
    };
    for (const qint64 id : m_highlighted + m_hovered) {
        accent(id, 1.6);
    }
    if (m_selected.has_value()) {
        accent(*m_selected, 2.6);
    }
}

void ParallelCoordinates::paintPicture(QPainter& painter, QSizeF size,
                                       const ChartTheme& theme) const {
    painter.fillRect(QRectF(QPointF(), size), theme.background);
    const Frame frame = frameFor(size, theme.font);
    paintLines(painter, frame, theme);
    paintAccents(painter, frame, theme);
    paintAxes(painter, frame, theme);
}

void ParallelCoordinates::paintEvent(QPaintEvent* /*event*/) {
    const Frame frame = frameFor(size(), m_theme.font);
    const QSize pixels = size() * devicePixelRatioF();
    if (m_linesStale || m_lines.size() != pixels) {
        m_lines = QImage(pixels, QImage::Format_ARGB32_Premultiplied);
        m_lines.setDevicePixelRatio(devicePixelRatioF());
        m_lines.fill(m_theme.background);
        QPainter painter(&m_lines);
        paintLines(painter, frame, m_theme);
        m_linesStale = false;
    }
    QPainter painter(this);
    painter.drawImage(QPointF(), m_lines);
    painter.setRenderHint(QPainter::Antialiasing);
    paintAccents(painter, frame, m_theme);
    paintAxes(painter, frame, m_theme);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_theme.axis, 1, Qt::DotLine));
        painter.drawRect(QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5));
    }
}

void ParallelCoordinates::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange ||
        event->type() == QEvent::StyleChange) {
        m_theme = ChartTheme::fromPalette(palette(), font());
        refresh();
    }
}

QString ParallelCoordinates::pictureCsv() const {
    QStringList head = {QStringLiteral("id")};
    for (const int axis : m_order) {
        head << m_data->axes[std::size_t(axis)].label;
    }
    QString csv = csvRow(head);
    for (std::size_t design = 0; design < m_data->ids.size(); ++design) {
        if (isShown(design) && isKept(design)) {
            QStringList row = {QString::number(m_data->ids[design])};
            for (const int axis : m_order) {
                row << csvNumber(m_data->values[std::size_t(axis)][design]);
            }
            csv += csvRow(row);
        }
    }
    return csv;
}

QString ParallelCoordinates::pictureSummary() const {
    qint64 shown = 0;
    qint64 inside = 0;
    for (std::size_t design = 0; design < m_data->ids.size(); ++design) {
        shown += isShown(design) ? 1 : 0;
        inside += isShown(design) && isKept(design) ? 1 : 0;
    }
    return tr("%1 designs across %2 quantities, %3 inside the ranges.")
        .arg(locale().toString(shown), locale().toString(qsizetype(m_axes.size())),
             locale().toString(inside));
}

}  // namespace bitloupe::charts
