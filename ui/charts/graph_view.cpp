// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/graph_view.h"

#include <QtGui/QHelpEvent>
#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtGui/QPainterPath>
#include <QtGui/QWheelEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/csv.h"
#include "ui/charts/heatmap_paint.h"

namespace bitloupe::charts {

namespace {

// In the drawing's units a node is 100 wide; ranks and columns are this far apart.
constexpr double kNodeWidth = 100;
constexpr double kNodeHeight = 34;
constexpr double kColumn = 120;
constexpr double kRank = 58;
constexpr double kMargin = 12;
constexpr double kLargestScale = 3;
constexpr double kSmallestScale = 0.001;
/// Below this many pixels a node is too small for words, below the second for a frame.
constexpr double kWordsFrom = 52;
constexpr double kFrameFrom = 14;

AxisScale scaleOf(const GraphViewData& data) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const GraphNode& node : data.nodes) {
        if (std::isfinite(node.value) && (data.axis.scale == ScaleKind::Linear || node.value > 0)) {
            low = std::min(low, node.value);
            high = std::max(high, node.value);
        }
    }
    return low <= high ? AxisScale(data.axis.scale, low, high > low ? high : low + 1)
                       : AxisScale(ScaleKind::Linear, 0, 1);
}

}  // namespace

GraphView::GraphView(QWidget* parent) : QWidget(parent), m_data(std::make_shared<GraphViewData>()) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Graph of the network"));
    setData(m_data);
}

QSize GraphView::minimumSizeHint() const {
    const int line = fontMetrics().height();
    return {line * 14, line * 12};
}

void GraphView::setData(std::shared_ptr<const GraphViewData> data) {
    const bool another = data->layout.places.size() != m_data->layout.places.size() ||
                         data->layout.links.size() != m_data->layout.links.size();
    m_data = std::move(data);
    if (another) {
        m_selected = -1;
        m_fitted = true;
    }
    if (m_fitted) {
        m_camera = fitted(size());
    }
    setAccessibleDescription(pictureSummary());
    update();
}

void GraphView::setSelectedLayer(int layer) {
    if (layer == m_selected) {
        return;
    }
    m_selected = layer;
    for (std::size_t node = 0; node < m_data->nodes.size(); ++node) {
        if (layer >= 0 && m_data->nodes[node].layer == layer) {
            setAccessibleDescription(describe(node));
        }
    }
    revealSelected();
    update();
}

void GraphView::revealSelected() {
    // Before the view is laid out nothing is inside it.
    if (m_selected < 0 || !isVisible()) {
        return;
    }
    for (std::size_t node = 0; node < m_data->nodes.size(); ++node) {
        if (m_data->nodes[node].layer == m_selected) {
            reveal(node);
        }
    }
}

void GraphView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    revealSelected();
}

GraphView::Camera GraphView::fitted(QSizeF size) const {
    const network::GraphLayout& layout = m_data->layout;
    const double width = (layout.right - layout.left) * kColumn + kNodeWidth + 2 * kMargin;
    const double height = std::max(0, layout.ranks - 1) * kRank + kNodeHeight + 2 * kMargin;
    Camera camera;
    camera.scale =
        std::clamp(std::min(size.width() / width, size.height() / height), kSmallestScale, 1.0);
    // A long network starts at its top, at a size at which its nodes can be told apart.
    camera.scale = std::max(camera.scale, std::min(0.2, size.width() / width));
    const double middle = (layout.left + layout.right) / 2 * kColumn;
    camera.origin = {middle - size.width() / camera.scale / 2, -kNodeHeight / 2 - kMargin};
    return camera;
}

QRectF GraphView::place(const network::NodePlace& node, const Camera& camera) {
    const QPointF centre =
        (QPointF(node.column * kColumn, node.rank * kRank) - camera.origin) * camera.scale;
    const QSizeF size = QSizeF(kNodeWidth, kNodeHeight) * camera.scale;
    return {centre - QPointF(size.width(), size.height()) / 2, size};
}

double GraphView::nodeWidth() const {
    return kNodeWidth * m_camera.scale;
}

QRectF GraphView::nodePlace(std::size_t node) const {
    return place(m_data->layout.places.at(node), m_camera);
}

int GraphView::nodeAt(QPointF position) const {
    for (std::size_t node = 0; node < m_data->nodes.size(); ++node) {
        if (nodePlace(node).contains(position)) {
            return int(node);
        }
    }
    return -1;
}

void GraphView::fit() {
    m_fitted = true;
    m_camera = fitted(size());
    update();
}

void GraphView::zoom(double factor, QPointF around) {
    const double scale = std::clamp(m_camera.scale * factor, kSmallestScale, kLargestScale);
    m_camera.origin += around / m_camera.scale - around / scale;
    m_camera.scale = scale;
    m_fitted = false;
    update();
}

void GraphView::reveal(std::size_t node) {
    const QRectF box = nodePlace(node);
    if (!QRectF(rect()).contains(box)) {
        m_camera.origin += (box.center() - QRectF(rect()).center()) / m_camera.scale;
        m_fitted = false;
    }
}

QString GraphView::describe(std::size_t node) const {
    const GraphNode& drawn = m_data->nodes[node];
    QString text = drawn.name.isEmpty() || drawn.name == drawn.title
                       ? drawn.title
                       : tr("%1, %2").arg(drawn.name, drawn.title);
    if (std::isfinite(drawn.value) && !m_data->axis.label.isEmpty()) {
        text += QStringLiteral(": ") + m_data->axis.describe(drawn.value, locale());
    }
    return text;
}

void GraphView::paintNode(QPainter& painter, std::size_t node, const QRectF& box,
                          const ChartTheme& theme, const AxisScale& scale, bool selected) const {
    const GraphNode& drawn = m_data->nodes[node];
    const bool coloured = std::isfinite(drawn.value);
    const QColor fill = coloured ? quantityColourAt(scale.toUnit(drawn.value)) : theme.background;
    painter.setPen(box.width() >= kFrameFrom || !coloured ? QPen(theme.axis, 1) : Qt::NoPen);
    painter.setBrush(fill);
    const double radius = std::min(5.0, box.height() / 4);
    painter.drawRoundedRect(box, radius, radius);
    if (selected) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.selected, 3));
        painter.drawRoundedRect(box.adjusted(-3, -3, 3, 3), radius + 3, radius + 3);
    }
    if (box.width() < kWordsFrom) {
        return;
    }
    const QColor ink = !coloured ? theme.text
                       : contrastRatio(Qt::white, fill) > contrastRatio(Qt::black, fill)
                           ? QColor(Qt::white)
                           : QColor(Qt::black);
    QFont font = theme.font;
    font.setPixelSize(std::max(8, int(box.height() * 0.36)));
    painter.setFont(font);
    painter.setPen(ink);
    const QFontMetricsF metrics(font);
    const QRectF inner = box.adjusted(4, 1, -4, -1);
    const QString name = drawn.layer >= 0 ? drawn.name : QString();
    if (name.isEmpty()) {
        painter.drawText(inner, Qt::AlignCenter,
                         metrics.elidedText(drawn.title, Qt::ElideRight, inner.width()));
        return;
    }
    painter.drawText(inner, Qt::AlignHCenter | Qt::AlignTop,
                     metrics.elidedText(name, Qt::ElideMiddle, inner.width()));
    painter.drawText(inner, Qt::AlignHCenter | Qt::AlignBottom,
                     metrics.elidedText(drawn.title, Qt::ElideRight, inner.width()));
}

void GraphView::paint(QPainter& painter, QSizeF size, const Camera& camera, const ChartTheme& theme,
                      int selected) const {
    painter.fillRect(QRectF(QPointF(), size), theme.background);
    painter.setRenderHint(QPainter::Antialiasing);
    const network::GraphLayout& layout = m_data->layout;
    const QRectF seen(QPointF(), size);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(
        QPen(mixed(theme.background, theme.text, 0.45), std::clamp(camera.scale * 1.5, 0.6, 1.5)));
    for (const network::NodeLink& link : layout.links) {
        const QRectF above = place(layout.places[link.from], camera);
        const QRectF below = place(layout.places[link.to], camera);
        if (below.top() < seen.top() || above.bottom() > seen.bottom() ||
            std::max(above.right(), below.right()) < seen.left() ||
            std::min(above.left(), below.left()) > seen.right()) {
            continue;
        }
        const QPointF from(above.center().x(), above.bottom());
        const QPointF to(below.center().x(), below.top());
        const double bend = std::min(to.y() - from.y(), 2 * kRank * camera.scale) / 2;
        QPainterPath path(from);
        path.cubicTo(from + QPointF(0, bend), to - QPointF(0, bend), to);
        painter.drawPath(path);
    }
    const AxisScale scale = scaleOf(*m_data);
    for (std::size_t node = 0; node < m_data->nodes.size(); ++node) {
        const QRectF box = place(layout.places[node], camera);
        if (box.intersects(seen)) {
            const int layer = m_data->nodes[node].layer;
            paintNode(painter, node, box, theme, scale, layer >= 0 && layer == selected);
        }
    }
}

void GraphView::paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const {
    const double legend = m_data->axis.label.isEmpty() ? 0 : heatmapLegendHeight(theme);
    const QSizeF room(size.width(), size.height() - legend);
    painter.save();
    painter.setClipRect(QRectF(QPointF(), room));
    paint(painter, room, fitted(room), theme, -1);
    painter.restore();
    if (legend > 0) {
        painter.fillRect(QRectF(0, room.height(), size.width(), legend), theme.background);
        paintColourBar(painter, QRectF(kMargin, room.height(), size.width() - 2 * kMargin, legend),
                       m_data->axis, scaleOf(*m_data), theme);
    }
}

void GraphView::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    paint(painter, size(), m_camera, ChartTheme::fromPalette(palette(), font()), m_selected);
}

void GraphView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (m_fitted) {
        m_camera = fitted(size());
    }
}

void GraphView::wheelEvent(QWheelEvent* event) {
    constexpr double kPerStep = 1.0 / 400;
    zoom(std::exp2(event->angleDelta().y() * kPerStep), event->position());
    event->accept();
}

void GraphView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) {
        m_dragFrom = event->position();
        m_dragging = false;
    }
}

void GraphView::mouseMoveEvent(QMouseEvent* event) {
    if (!event->buttons().testFlag(Qt::LeftButton)) {
        return;
    }
    const QPointF moved = event->position() - m_dragFrom;
    if (m_dragging || moved.manhattanLength() >= QApplication::startDragDistance()) {
        m_dragging = true;
        m_fitted = false;
        m_camera.origin -= moved / m_camera.scale;
        m_dragFrom = event->position();
        update();
    }
}

void GraphView::mouseReleaseEvent(QMouseEvent* event) {
    const int node =
        event->button() == Qt::LeftButton && !m_dragging ? nodeAt(event->position()) : -1;
    if (node >= 0 && m_data->nodes[std::size_t(node)].layer >= 0) {
        m_selected = m_data->nodes[std::size_t(node)].layer;
        Q_EMIT layerChosen(m_selected);
        update();
    }
    m_dragging = false;
}

void GraphView::walk(int step) {
    int last = -1;
    for (const GraphNode& node : m_data->nodes) {
        last = std::max(last, node.layer);
    }
    if (last >= 0) {
        setSelectedLayer(std::clamp(m_selected + step, 0, last));
        Q_EMIT layerChosen(m_selected);
    }
}

void GraphView::keyPressEvent(QKeyEvent* event) {
    constexpr double kStep = 1.25;
    const QPointF middle = QRectF(rect()).center();
    switch (event->key()) {
        case Qt::Key_Down:
        case Qt::Key_Right:
            return walk(1);
        case Qt::Key_Up:
        case Qt::Key_Left:
            return walk(-1);
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            return zoom(kStep, middle);
        case Qt::Key_Minus:
            return zoom(1 / kStep, middle);
        case Qt::Key_Home:
            return fit();
        default:
            QWidget::keyPressEvent(event);
    }
}

bool GraphView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int node = nodeAt(help->pos());
        if (node >= 0) {
            QToolTip::showText(help->globalPos(), describe(std::size_t(node)), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

QString GraphView::pictureCsv() const {
    QString csv =
        csvRow({QStringLiteral("node"), QStringLiteral("operator"),
                m_data->axis.label.isEmpty() ? QStringLiteral("value") : m_data->axis.label});
    for (const GraphNode& node : m_data->nodes) {
        csv += csvRow({node.name, node.title, csvNumber(node.value)});
    }
    return csv;
}

QString GraphView::pictureSummary() const {
    const auto layers = std::count_if(m_data->nodes.begin(), m_data->nodes.end(),
                                      [](const GraphNode& node) { return node.layer >= 0; });
    return m_data->nodes.empty()
               ? tr("Nothing to show yet.")
               : tr("%1 nodes, %2 of them layers; arrow keys walk along the layers, plus and minus "
                    "zoom, Home shows all.")
                     .arg(m_data->nodes.size())
                     .arg(layers);
}

}  // namespace bitloupe::charts
