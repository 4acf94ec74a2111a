// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QRectF>

#include <cstdint>
#include <vector>

namespace bitloupe::charts {

/// Finds points by place: a grid of cells over all of them. Adding a point costs a few nanoseconds
/// (the grid is laid anew only when points leave it), asking costs what lies near the question.
class PointIndex {
public:
    void clear();
    /// Adds the next point; its number is the count before. Points with NaN count but are never
    /// found.
    void append(double x, double y);
    [[nodiscard]] std::size_t count() const { return m_points.size(); }

    /// Numbers of the points in `area` (normalized, edges included), ascending.
    [[nodiscard]] std::vector<std::size_t> within(const QRectF& area) const;

private:
    static constexpr int kCells = 128;
    static constexpr std::int32_t kNone = -1;

    [[nodiscard]] int column(double x) const;
    [[nodiscard]] int row(double y) const;
    void link(std::size_t point);
    void layGrid();

    std::vector<QPointF> m_points;
    std::vector<std::int32_t> m_next;   ///< the point before it in the same cell
    std::vector<std::int32_t> m_heads;  ///< the newest point of each cell
    double m_left = 0;
    double m_top = 0;
    double m_right = -1;  ///< empty until the first point
    double m_bottom = -1;
};

}  // namespace bitloupe::charts
