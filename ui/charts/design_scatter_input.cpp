// SPDX-License-Identifier: Apache-2.0
// The scatter's mouse and keyboard.
#include <QtGui/QMouseEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QToolTip>

#include <algorithm>
#include <cmath>

#include "ui/charts/design_scatter.h"

namespace bitloupe::charts {

namespace {

/// How near the cursor must be to a design, in pixels.
constexpr double kReach = 7;
/// One notch of a wheel.
constexpr double kZoomStep = 1.25;
constexpr int kMostInTip = 8;

}  // namespace

QList<qint64> DesignScatter::inRectangle(const QRectF& rectangle) const {
    const QRectF area = plotArea();
    const auto linearX = [&](double pixel) {
        return xScale().toLinear(xScale().fromUnit((pixel - area.left()) / area.width()));
    };
    const auto linearY = [&](double pixel) {
        return yScale().toLinear(yScale().fromUnit((area.bottom() - pixel) / area.height()));
    };
    const QRectF question(QPointF(linearX(rectangle.left()), linearY(rectangle.bottom())),
                          QPointF(linearX(rectangle.right()), linearY(rectangle.top())));
    QList<qint64> ids;
    for (const std::size_t point : m_index.within(question)) {
        if (!m_data->is(point, kHidden)) {
            ids.append(m_data->ids[point]);
        }
    }
    return ids;
}

QList<qint64> DesignScatter::designsAt(QPointF position) const {
    std::vector<std::pair<double, qint64>> near;
    const QRectF around(position - QPointF(kReach, kReach), QSizeF(2 * kReach, 2 * kReach));
    for (const qint64 id : inRectangle(around)) {
        const QPointF offset = positionOf(id).value_or(QPointF(1e9, 1e9)) - position;
        const double distance = std::hypot(offset.x(), offset.y());
        if (distance <= kReach) {
            near.emplace_back(distance, id);
        }
    }
    std::sort(near.begin(), near.end());
    QList<qint64> ids;
    std::transform(near.begin(), near.end(), std::back_inserter(ids),
                   [](const auto& entry) { return entry.second; });
    return ids;
}

QString DesignScatter::defaultHoverText(const QList<qint64>& ids) const {
    QStringList lines;
    if (ids.size() > 1) {
        lines << tr("<b>%1 designs here</b>").arg(locale().toString(ids.size()));
    }
    for (const qint64 id : ids.first(std::min<qsizetype>(ids.size(), kMostInTip))) {
        const std::size_t point = pointOf(id).value_or(0);
        QString line = tr("Design %1: %2, %3")
                           .arg(QString::number(id),  // a name: without groups of digits
                                m_data->yAxis.describe(m_data->y[point], locale()).toHtmlEscaped(),
                                m_data->xAxis.describe(m_data->x[point], locale()).toHtmlEscaped());
        if (!m_data->low.empty()) {
            line += tr(" (95 %: %1 to %2)")
                        .arg(readableNumber(m_data->low[point], locale()),
                             readableNumber(m_data->high[point], locale()));
        }
        lines << line;
    }
    if (ids.size() > kMostInTip) {
        lines << tr("and %1 more").arg(locale().toString(ids.size() - kMostInTip));
    }
    return lines.join(QStringLiteral("<br>"));
}

void DesignScatter::hover(QPointF position, QPoint globalPosition) {
    const QList<qint64> ids =
        plotArea().adjusted(-kReach, -kReach, kReach, kReach).contains(position)
            ? designsAt(position)
            : QList<qint64>();
    if (ids == m_hovered) {
        return;
    }
    m_hovered = ids;
    updateContent();
    if (ids.isEmpty()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(globalPosition, m_hoverText ? m_hoverText(ids) : defaultHoverText(ids),
                           this);
    }
    Q_EMIT designHovered(ids);
}

void DesignScatter::leaveEvent(QEvent* event) {
    PlotView::leaveEvent(event);
    hover(QPointF(-1e6, -1e6), {});
}

void DesignScatter::mousePressEvent(QMouseEvent* event) {
    const QPointF position = event->position();
    if (const auto axis = axisAt(position); axis.has_value() && event->button() == Qt::LeftButton) {
        Q_EMIT axisMenuRequested(*axis, event->globalPosition().toPoint());
        return;
    }
    m_pressed = m_lastPosition = position;
    if (event->button() == Qt::LeftButton && plotArea().contains(position)) {
        m_drag = Drag::Press;
    } else if (event->button() == Qt::MiddleButton) {
        m_drag = Drag::Pan;
    }
}

void DesignScatter::mouseMoveEvent(QMouseEvent* event) {
    const QPointF position = event->position();
    if (m_drag == Drag::Press &&
        (position - m_pressed).manhattanLength() >= QApplication::startDragDistance()) {
        const bool shift = (event->modifiers() & Qt::ShiftModifier) != 0;
        m_drag = shift != (m_tool == Tool::Brush) ? Drag::Brush : Drag::Pan;
    }
    if (m_drag == Drag::Pan) {
        panBy(position - m_lastPosition);
    } else if (m_drag == Drag::Brush) {
        m_brushInProgress = QRectF(m_pressed, position).normalized().intersected(plotArea());
        updateContent();
    } else if (m_drag == Drag::None) {
        hover(position, event->globalPosition().toPoint());
    }
    m_lastPosition = position;
}

void DesignScatter::mouseReleaseEvent(QMouseEvent* event) {
    const Drag drag = std::exchange(m_drag, Drag::None);
    if (drag == Drag::Brush) {
        finishBrush(std::exchange(m_brushInProgress, {}));
    } else if (drag == Drag::Press) {
        const QList<qint64> ids = designsAt(event->position());
        if (ids.isEmpty()) {
            Q_EMIT backgroundClicked();
        } else {
            m_keyboardPlace = ids.first();
            Q_EMIT designClicked(ids.first());
        }
    }
}

void DesignScatter::mouseDoubleClickEvent(QMouseEvent* event) {
    const QList<qint64> ids = designsAt(event->position());
    if (ids.isEmpty()) {
        resetView();
    } else {
        Q_EMIT designActivated(ids.first());
    }
}

void DesignScatter::finishBrush(const QRectF& rectangle) {
    const QRectF area = plotArea();
    const auto unit = [&area](QPointF pixel) {
        return QPointF((pixel.x() - area.left()) / area.width(),
                       (area.bottom() - pixel.y()) / area.height());
    };
    const QPointF low = unit(rectangle.bottomLeft());
    const QPointF high = unit(rectangle.topRight());
    m_brush = QRectF(QPointF(xScale().fromUnit(low.x()), yScale().fromUnit(low.y())),
                     QPointF(xScale().fromUnit(high.x()), yScale().fromUnit(high.y())));
    updateContent();
    Q_EMIT brushed(inRectangle(rectangle));
}

void DesignScatter::clearBrush() {
    m_brushInProgress = {};
    if (m_brush.has_value()) {
        m_brush.reset();
        updateContent();
        Q_EMIT brushed({});
    }
}

void DesignScatter::wheelEvent(QWheelEvent* event) {
    zoom(event->position(), std::pow(kZoomStep, event->angleDelta().y() / 120.0));
    event->accept();
}

void DesignScatter::zoom(QPointF about, double factor) {
    const QRectF area = plotArea();
    if (area.isEmpty() || factor == 1.0) {
        return;
    }
    const double u = std::clamp((about.x() - area.left()) / area.width(), 0.0, 1.0);
    const double v = std::clamp((area.bottom() - about.y()) / area.height(), 0.0, 1.0);
    m_atHome = false;
    setScales(xScale().part(u - u / factor, u + (1 - u) / factor),
              yScale().part(v - v / factor, v + (1 - v) / factor));
}

void DesignScatter::panBy(QPointF pixels) {
    const QRectF area = plotArea();
    const double u = pixels.x() / area.width();
    const double v = -pixels.y() / area.height();
    m_atHome = false;
    setScales(xScale().part(-u, 1 - u), yScale().part(-v, 1 - v));
}

void DesignScatter::walkFront(int step) {
    if (m_front.empty()) {
        return;
    }
    const auto here = std::find_if(m_front.begin(), m_front.end(), [this](std::size_t point) {
        return m_data->ids[point] == m_keyboardPlace.value_or(m_selected.value_or(-1));
    });
    const auto last = std::ptrdiff_t(m_front.size()) - 1;
    std::ptrdiff_t place = step > 0 ? 0 : last;
    if (here != m_front.end()) {
        place = std::clamp<std::ptrdiff_t>(here - m_front.begin() + step, 0, last);
    }
    m_keyboardPlace = m_data->ids[m_front[std::size_t(place)]];
    updateContent();
    Q_EMIT designHovered({*m_keyboardPlace});
}

bool DesignScatter::handleZoomKey(int key) {
    switch (key) {
        case Qt::Key_Plus:
        case Qt::Key_Equal:
            zoom(plotArea().center(), kZoomStep);
            return true;
        case Qt::Key_Minus:
            zoom(plotArea().center(), 1 / kZoomStep);
            return true;
        case Qt::Key_0:
            resetView();
            return true;
        default:
            return false;
    }
}

void DesignScatter::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    const int all = int(m_front.size());
    if (key == Qt::Key_Right || key == Qt::Key_Left) {
        walkFront(key == Qt::Key_Right ? 1 : -1);
    } else if (key == Qt::Key_End || key == Qt::Key_Home) {
        walkFront(key == Qt::Key_End ? all : -all);
    } else if ((key == Qt::Key_Return || key == Qt::Key_Enter) && m_keyboardPlace.has_value()) {
        if (m_keyboardPlace == m_selected) {
            Q_EMIT designActivated(*m_keyboardPlace);
        } else {
            Q_EMIT designClicked(*m_keyboardPlace);
        }
    } else if (key == Qt::Key_Escape && (m_brush.has_value() || m_drag == Drag::Brush)) {
        m_drag = Drag::None;
        clearBrush();
    } else if (!handleZoomKey(key)) {
        event->ignore();  // the window's own shortcuts
        return;
    }
    event->accept();
}

void DesignScatter::focusInEvent(QFocusEvent* event) {
    PlotView::focusInEvent(event);
    updateContent();
}

void DesignScatter::focusOutEvent(QFocusEvent* event) {
    PlotView::focusOutEvent(event);
    updateContent();
}

}  // namespace bitloupe::charts
