// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/point_index.h"

#include <algorithm>
#include <cmath>

namespace bitloupe::charts {

void PointIndex::clear() {
    *this = PointIndex();
}

void PointIndex::append(double x, double y) {
    m_points.emplace_back(x, y);
    m_next.push_back(kNone);
    if (!std::isfinite(x) || !std::isfinite(y)) {
        return;
    }
    if (x < m_left || x > m_right || y < m_top || y > m_bottom || m_heads.empty()) {
        layGrid();
    } else {
        link(m_points.size() - 1);
    }
}

void PointIndex::layGrid() {
    const auto finite = [](const QPointF& point) {
        return std::isfinite(point.x()) && std::isfinite(point.y());
    };
    const auto first = std::find_if(m_points.begin(), m_points.end(), finite);
    m_left = m_right = first->x();
    m_top = m_bottom = first->y();
    for (const QPointF& point : m_points) {
        if (finite(point)) {
            m_left = std::min(m_left, point.x());
            m_right = std::max(m_right, point.x());
            m_top = std::min(m_top, point.y());
            m_bottom = std::max(m_bottom, point.y());
        }
    }
    // Air on every side, so that a drifting run lays the grid a few times and not at every point.
    const double airX = std::max((m_right - m_left) / 2, std::abs(m_left) * 1e-9 + 1e-300);
    const double airY = std::max((m_bottom - m_top) / 2, std::abs(m_top) * 1e-9 + 1e-300);
    m_left -= airX;
    m_right += airX;
    m_top -= airY;
    m_bottom += airY;
    m_heads.assign(std::size_t(kCells) * kCells, kNone);
    for (std::size_t point = 0; point < m_points.size(); ++point) {
        if (finite(m_points[point])) {
            link(point);
        }
    }
}

int PointIndex::column(double x) const {
    const double cell = (x - m_left) / (m_right - m_left) * kCells;
    return int(std::clamp(cell, 0.0, kCells - 1.0));
}

int PointIndex::row(double y) const {
    const double cell = (y - m_top) / (m_bottom - m_top) * kCells;
    return int(std::clamp(cell, 0.0, kCells - 1.0));
}

void PointIndex::link(std::size_t point) {
    const auto cell =
        std::size_t(row(m_points[point].y())) * kCells + std::size_t(column(m_points[point].x()));
    m_next[point] = m_heads[cell];
    m_heads[cell] = std::int32_t(point);
}

std::vector<std::size_t> PointIndex::within(const QRectF& area) const {
    std::vector<std::size_t> found;
    if (m_heads.empty() || area.right() < m_left || area.left() > m_right ||
        area.bottom() < m_top || area.top() > m_bottom) {
        return found;
    }
    for (int y = row(area.top()); y <= row(area.bottom()); ++y) {
        for (int x = column(area.left()); x <= column(area.right()); ++x) {
            std::int32_t point = m_heads[std::size_t(y) * kCells + std::size_t(x)];
            for (; point != kNone; point = m_next[std::size_t(point)]) {
                const QPointF& place = m_points[std::size_t(point)];
                if (place.x() >= area.left() && place.x() <= area.right() &&
                    place.y() >= area.top() && place.y() <= area.bottom()) {
                    found.push_back(std::size_t(point));
                }
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace bitloupe::charts
