// SPDX-License-Identifier: Apache-2.0
// The scatter's data, ranges and drawing; design_scatter_input.cpp has its mouse and keyboard.
#include "ui/charts/design_scatter.h"

#include <QtWidgets/QStyle>

#include <algorithm>
#include <cmath>

namespace bitloupe::charts {

namespace {

constexpr double kMargin = 8;
constexpr double kColourBarGap = 20;
/// The float network widens an axis by this share of what the designs take; if it lies farther off,
/// the designs keep their room and an arrow points to it.
constexpr double kNearShare = 0.6;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

AxisScale scaleFor(const AxisDescription& axis, const AxisScale& current, double low, double high,
                   bool grow) {
    return grow ? grownScale(axis, current, low, high) : roundScale(axis, low, high);
}

}  // namespace

void DesignScatter::Extent::include(double value) {
    if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
}

void DesignScatter::Extent::includeWithin(double reach, double value, ScaleKind scale) {
    const AxisScale line(scale, 1, 10);
    const double place = line.toLinear(value);
    if (!std::isfinite(place)) {
        return;
    }
    const double from = line.toLinear(low);
    const double to = line.toLinear(high);
    const double beyond = std::max(from - place, place - to);
    if (!(to > from) || beyond <= reach * (to - from)) {
        include(value);
    }
}

DesignScatter::DesignScatter(QWidget* parent)
    : PlotView(parent), m_data(std::make_shared<const ScatterData>()) {
    setAccessibleName(tr("Designs"));
    setData(std::make_shared<const ScatterData>());
}

DesignScatter::~DesignScatter() = default;

void DesignScatter::setData(ScatterSnapshot data) {
    if (data == nullptr || !data->isConsistent()) {
        return;
    }
    const ScatterChange change = compareSnapshots(*m_data, *data);
    const bool first = m_data->count() == 0;
    m_data = std::move(data);
    if (!change.settledKept) {
        m_layer.invalidate();
        m_index.clear();
        m_xExtent = m_yExtent = m_colourExtent = m_sizeExtent = {};
    }
    const bool moves =
        style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0 && isVisible();
    if (!change.settledKept || !change.sameAxes || !m_fades || !moves) {
        m_fading.clear();
    } else if (!first) {
        m_fading.add(change.firstNew, m_data->count());
    }
    adoptPoints(change.firstNew);
    m_front = frontByX(*m_data);
    if (!change.sameAxes) {
        setAxes(m_data->xAxis, m_data->yAxis);
        m_atHome = true;
        m_everything = false;
        m_brush.reset();
    }
    updateMargins();
    fitScales(change.sameAxes && !first);
    describeForAssistance();
    updateContent();
}

void DesignScatter::adoptPoints(std::size_t firstNew) {
    const AxisScale x(m_data->xAxis.scale, 1, 10);
    const AxisScale y(m_data->yAxis.scale, 1, 10);
    for (std::size_t point = firstNew; point < m_data->count(); ++point) {
        const double linearX = x.toLinear(m_data->x[point]);
        const double linearY = y.toLinear(m_data->y[point]);
        m_index.append(linearX, linearY);
        // A point that one axis cannot show must not stretch the other.
        if (!m_data->is(point, kHidden) && std::isfinite(linearX) && std::isfinite(linearY)) {
            m_xExtent.include(m_data->x[point]);
            m_yExtent.include(m_data->y[point]);
        }
        if (!m_data->colour.empty()) {
            m_colourExtent.include(m_data->colour[point]);
        }
        if (!m_data->size.empty()) {
            m_sizeExtent.include(m_data->size[point]);
        }
    }
}

void DesignScatter::fitScales(bool grow) {
    const QPointF reference = m_data->reference.value_or(QPointF(kUnknown, kUnknown));
    const double reach = m_everything ? std::numeric_limits<double>::infinity() : kNearShare;
    Extent x = m_xExtent;
    x.includeWithin(reach, reference.x(), m_data->xAxis.scale);
    Extent y = m_yExtent;
    y.includeWithin(reach, reference.y(), m_data->yAxis.scale);
    m_homeX = scaleFor(m_data->xAxis, m_homeX, x.low, x.high, grow);
    m_homeY = scaleFor(m_data->yAxis, m_homeY, y.low, y.high, grow);
    m_colourScale =
        scaleFor(m_data->colourAxis, m_colourScale, m_colourExtent.low, m_colourExtent.high, grow);
    m_sizeScale =
        scaleFor(m_data->sizeAxis, m_sizeScale, m_sizeExtent.low, m_sizeExtent.high, grow);
    if (m_atHome) {
        showHome();
    }
}

void DesignScatter::showHome() {
    m_atHome = true;
    setScales(m_homeX, m_homeY);
}

void DesignScatter::resetView() {
    m_everything = true;
    fitScales(false);
    showHome();
}

void DesignScatter::zoomToFront() {
    Extent x;
    Extent y;
    for (const std::size_t point : m_front) {
        x.include(m_data->x[point]);
        y.include(m_data->y[point]);
    }
    if (x.low <= x.high) {
        m_atHome = false;
        setScales(roundScale(m_data->xAxis, x.low, x.high),
                  roundScale(m_data->yAxis, y.low, y.high));
    }
}

void DesignScatter::setSelected(std::optional<qint64> id) {
    m_selected = id;
    updateContent();
}

void DesignScatter::setHighlighted(const QList<qint64>& ids) {
    if (ids != m_highlighted) {
        m_highlighted = ids;
        updateContent();
    }
}

void DesignScatter::setTool(Tool tool) {
    m_tool = tool;
    viewport()->setCursor(tool == Tool::Brush ? Qt::CrossCursor : Qt::ArrowCursor);
}

void DesignScatter::setLimits(std::optional<double> x, std::optional<double> y) {
    m_xLimit = x;
    m_yLimit = y;
    updateContent();
}

void DesignScatter::setHoverText(std::function<QString(const QList<qint64>&)> text) {
    m_hoverText = std::move(text);
}

std::optional<std::size_t> DesignScatter::pointOf(qint64 id) const {
    const auto& ids = m_data->ids;
    // A journal counts its designs from one.
    if (id >= 1 && std::size_t(id) <= ids.size() && ids[std::size_t(id) - 1] == id) {
        return std::size_t(id) - 1;
    }
    const auto found = std::find(ids.begin(), ids.end(), id);
    return found == ids.end() ? std::nullopt : std::optional(std::size_t(found - ids.begin()));
}

std::optional<QPointF> DesignScatter::positionOf(qint64 id) const {
    const std::optional<std::size_t> point = pointOf(id);
    return point.has_value() ? std::optional(toView(m_data->x[*point], m_data->y[*point]))
                             : std::nullopt;
}

QString DesignScatter::summary() const {
    return summarize(*m_data);
}

QString DesignScatter::pictureCsv() const {
    return visibleCsv(*m_data, xScale(), yScale());
}

std::unique_ptr<PlotView> DesignScatter::copyForPicture() const {
    auto copy = std::make_unique<DesignScatter>();
    copy->setData(m_data);
    copy->m_selected = m_selected;
    copy->m_xLimit = m_xLimit;
    copy->m_yLimit = m_yLimit;
    copy->m_brush = m_brush;
    copy->m_colourScale = m_colourScale;
    copy->m_sizeScale = m_sizeScale;
    return copy;
}

void DesignScatter::updateMargins() {
    const int line = fontMetrics().height();
    // Half of the last label of the lower axis stands outside the frame.
    int right = int(kMargin) + fontMetrics().horizontalAdvance(QStringLiteral("000 M")) / 2;
    if (!m_data->colour.empty()) {
        right += int(kColourBarGap) + 12 + fontMetrics().horizontalAdvance(QStringLiteral("000 M"));
    }
    const int rows = m_data->colour.empty() ? 1 : 2;
    setFrameMargins({int(kMargin), rows * line + 12, right, 4});
}

void DesignScatter::describeForAssistance() {
    setAccessibleName(tr("Designs: %1 against %2").arg(m_data->yAxis.label, m_data->xAxis.label));
    setAccessibleDescription(summary());
}

ScatterScene DesignScatter::picture() const {
    return {*m_data, m_front, theme(), plotArea(), xScale(), yScale(), m_colourScale, m_sizeScale};
}

void DesignScatter::paintFading(QPainter& painter, const ScatterScene& scene) const {
    std::size_t last = m_data->count();
    for (auto group = m_fading.groups().rbegin(); group != m_fading.groups().rend(); ++group) {
        painter.setOpacity(m_fading.strength(*group));
        paintDots(painter, scene, group->first, last);
        last = group->first;
    }
    painter.setOpacity(1);
}

void DesignScatter::paintContent(QPainter& painter, bool vector) {
    const ScatterScene scene = picture();
    if (vector) {
        paintDots(painter, scene, 0, m_data->count());
    } else {
        const double scale = std::max(painter.deviceTransform().m11(), 0.1);
        const QImage& dots = m_layer.draw(scene, m_fading.settled(m_data->count()), scale);
        painter.drawImage(m_layer.bounds(), dots);
        paintFading(painter, scene);
    }
    paintLimits(painter, scene, m_xLimit, m_yLimit);
    paintMarks(painter, scene);
    const double legendEnd = paintLegend(painter, scene);
    if (!m_data->colour.empty()) {
        paintColourBar(painter, scene,
                       {scene.area.right() + kColourBarGap, width() - kMargin, legendEnd});
    }
    const auto ring = [&](qint64 id, double extra, const QColor& colour, Qt::PenStyle style) {
        if (const auto point = pointOf(id); point.has_value()) {
            paintRing(painter, scene, *point, extra, colour, style);
        }
    };
    for (const qint64 id : m_highlighted + m_hovered) {
        ring(id, 3, scene.theme.mutedText, Qt::SolidLine);
    }
    if (m_selected.has_value()) {
        ring(*m_selected, 4, scene.theme.selected, Qt::SolidLine);
    }
    if (m_keyboardPlace.has_value() && hasFocus()) {
        ring(*m_keyboardPlace, 7, scene.theme.selected, Qt::DotLine);
    }
    paintDraft(painter, scene,
               m_data->draft ? pointOf(m_data->draft->base) : std::optional<std::size_t>());
    paintNotes(painter, scene);
    paintBrush(painter, scene, m_brush, m_brushInProgress);
}

}  // namespace bitloupe::charts
