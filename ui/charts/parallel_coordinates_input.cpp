// SPDX-License-Identifier: Apache-2.0
// Mouse and keyboard of the parallel coordinates.
#include <QtGui/QMouseEvent>
#include <QtWidgets/QApplication>

#include <algorithm>
#include <cmath>

#include "ui/charts/parallel_coordinates.h"

namespace bitloupe::charts {

namespace {

constexpr double kAxisReach = 12;
constexpr double kLineReach = 5;

}  // namespace

int ParallelCoordinates::positionNear(const Frame& frame, double x) const {
    int nearest = -1;
    double distance = kAxisReach;
    for (int position = 0; position < int(m_order.size()); ++position) {
        if (const double away = std::abs(axisX(frame, position) - x); away <= distance) {
            distance = away;
            nearest = position;
        }
    }
    return nearest;
}

QList<qint64> ParallelCoordinates::designsAt(QPointF position) const {
    const Frame frame = frameFor(size(), m_theme.font);
    const auto gaps = double(m_order.size()) - 1;
    const double along = (position.x() - frame.area.left()) / frame.area.width() * gaps;
    if (gaps < 1 || along < 0 || along > gaps) {
        return {};
    }
    const auto left = std::size_t(std::min(std::floor(along), gaps - 1));
    const double share = along - double(left);
    const int from = m_order[left];
    const int to = m_order[left + 1];
    std::vector<std::pair<double, qint64>> near;
    for (std::size_t design = 0; design < m_data->ids.size(); ++design) {
        if (!isShown(design) || !isKept(design)) {
            continue;
        }
        const double start = valueY(frame, from, m_data->values[std::size_t(from)][design]);
        const double end = valueY(frame, to, m_data->values[std::size_t(to)][design]);
        const double away = std::abs(start + (end - start) * share - position.y());
        if (away <= kLineReach) {
            near.emplace_back(away, m_data->ids[design]);
        }
    }
    std::sort(near.begin(), near.end());
    QList<qint64> ids;
    std::transform(near.begin(), near.end(), std::back_inserter(ids),
                   [](const auto& entry) { return entry.second; });
    return ids;
}

std::optional<QPointF> ParallelCoordinates::crossing(qint64 id, int axis) const {
    const auto found = std::find(m_data->ids.begin(), m_data->ids.end(), id);
    const auto place = std::find(m_order.begin(), m_order.end(), axis);
    if (found == m_data->ids.end() || place == m_order.end()) {
        return std::nullopt;
    }
    const Frame frame = frameFor(size(), m_theme.font);
    const auto design = std::size_t(found - m_data->ids.begin());
    return QPointF(axisX(frame, int(place - m_order.begin())),
                   valueY(frame, axis, m_data->values[std::size_t(axis)][design]));
}

QList<qint64> ParallelCoordinates::kept() const {
    QList<qint64> ids;
    for (std::size_t design = 0; design < m_data->ids.size(); ++design) {
        if (isShown(design) && isKept(design)) {
            ids.append(m_data->ids[design]);
        }
    }
    return ids;
}

void ParallelCoordinates::setRange(int axis, Range range) {
    if (axis >= 0 && std::size_t(axis) < m_axes.size()) {
        m_axes[std::size_t(axis)].range = range;
        refresh();
    }
}

void ParallelCoordinates::clearRanges() {
    for (Axis& axis : m_axes) {
        axis.range.reset();
    }
    refresh();
    reportRanges();
}

void ParallelCoordinates::reportRanges() {
    const bool any = std::any_of(m_axes.begin(), m_axes.end(),
                                 [](const Axis& axis) { return axis.range.has_value(); });
    Q_EMIT brushed(any ? kept() : QList<qint64>());
}

void ParallelCoordinates::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_order.empty()) {
        return;
    }
    const Frame frame = frameFor(size(), m_theme.font);
    m_pressed = event->position();
    m_dragged = positionNear(frame, m_pressed.x());
    const bool onName = m_pressed.y() < frame.area.top() - 4;
    if (onName && m_dragged < 0) {
        // Names are wider than their axes.
        const double gap = frame.area.width() / std::max(double(m_order.size()) - 1, 1.0);
        m_dragged = int(std::lround((m_pressed.x() - frame.area.left()) / gap));
        m_dragged = std::clamp(m_dragged, 0, int(m_order.size()) - 1);
    }
    m_drag = m_dragged < 0 ? Drag::None : onName ? Drag::Name : Drag::Range;
}

void ParallelCoordinates::mouseMoveEvent(QMouseEvent* event) {
    const Frame frame = frameFor(size(), m_theme.font);
    const QPointF position = event->position();
    if (m_drag == Drag::Range &&
        std::abs(position.y() - m_pressed.y()) >= QApplication::startDragDistance()) {
        const int axis = m_order[std::size_t(m_dragged)];
        const double first = valueAt(frame, axis, m_pressed.y());
        const double second = valueAt(frame, axis, position.y());
        setRange(axis, std::minmax(first, second));
    } else if (m_drag == Drag::None) {
        const QList<qint64> ids = designsAt(position);
        if (ids != m_hovered) {
            m_hovered = ids;
            update();
            Q_EMIT designHovered(ids);
        }
    }
}

void ParallelCoordinates::mouseReleaseEvent(QMouseEvent* event) {
    const Frame frame = frameFor(size(), m_theme.font);
    const Drag drag = std::exchange(m_drag, Drag::None);
    const QPointF moved = event->position() - m_pressed;
    const bool still = moved.manhattanLength() < QApplication::startDragDistance();
    if (drag == Drag::Range && !still) {
        reportRanges();
    } else if (drag == Drag::Name && !still) {
        const double gap = frame.area.width() / std::max(double(m_order.size()) - 1, 1.0);
        const int target =
            std::clamp(int(std::lround((event->position().x() - frame.area.left()) / gap)), 0,
                       int(m_order.size()) - 1);
        const int axis = m_order[std::size_t(m_dragged)];
        m_order.erase(m_order.begin() + m_dragged);
        m_order.insert(m_order.begin() + target, axis);
        refresh();
    } else if (drag == Drag::Range &&
               m_axes[std::size_t(m_order[std::size_t(m_dragged)])].range.has_value()) {
        setRange(m_order[std::size_t(m_dragged)], std::nullopt);
        reportRanges();
    } else if (still && drag != Drag::Name) {
        if (const QList<qint64> ids = designsAt(event->position()); !ids.isEmpty()) {
            Q_EMIT designClicked(ids.first());
        }
    }
}

void ParallelCoordinates::mouseDoubleClickEvent(QMouseEvent* event) {
    mousePressEvent(event);
    if (m_drag == Drag::Name) {
        Axis& axis = m_axes[std::size_t(m_order[std::size_t(m_dragged)])];
        axis.turned = !axis.turned;
        refresh();
    }
    m_drag = Drag::None;
}

void ParallelCoordinates::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        clearRanges();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void ParallelCoordinates::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    if (!m_hovered.isEmpty()) {
        m_hovered.clear();
        update();
        Q_EMIT designHovered({});
    }
}

}  // namespace bitloupe::charts
