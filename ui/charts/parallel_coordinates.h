// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtWidgets/QWidget>

#include <memory>
#include <optional>
#include <vector>

#include "ui/charts/axis_scale.h"
#include "ui/charts/picture.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// Designs on any number of axes; immutable once shown.
struct ParallelData {
    std::vector<AxisDescription> axes;
    std::vector<qint64> ids;
    std::vector<quint8> flags;                ///< PointFlag bits, parallel to ids
    std::vector<std::vector<double>> values;  ///< per axis, parallel to ids; NaN: not measured
};
using ParallelSnapshot = std::shared_ptr<const ParallelData>;

/// One line per design across all quantities; the front alone unless all are asked for.
///
/// Dragging along an axis keeps the designs that cross it there (dragging past an end includes the
/// end), several axes together; a click on an axis drops its range, Escape all. Dragging an axis's
/// name moves it, a double click on the name turns it over. Hovering and clicking a line report
/// its design. Values that were not measured stand on an extra mark below the axis. GUI thread
/// only.
class ParallelCoordinates : public QWidget, public Picture {
    Q_OBJECT
public:
    explicit ParallelCoordinates(QWidget* parent = nullptr);

    void setData(ParallelSnapshot snapshot);
    void setFrontOnly(bool frontOnly);
    [[nodiscard]] bool frontOnly() const { return m_frontOnly; }
    void setSelected(std::optional<qint64> id);
    void setHighlighted(const QList<qint64>& ids);

    /// The range kept on an axis, in its values; nothing: all.
    void setRange(int axis, std::optional<std::pair<double, double>> range);
    /// Designs inside every range, in the data's order.
    [[nodiscard]] QList<qint64> kept() const;
    [[nodiscard]] QList<qint64> designsAt(QPointF position) const;
    /// Where the line of a design crosses an axis.
    [[nodiscard]] std::optional<QPointF> crossing(qint64 id, int axis) const;
    /// Axes from left to right.
    [[nodiscard]] const std::vector<int>& order() const { return m_order; }

    void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const override;
    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override;

public Q_SLOTS:
    void clearRanges();

Q_SIGNALS:
    void designClicked(qint64 id);
    void designHovered(const QList<qint64>& ids);
    /// The designs inside every range; empty when no range is left.
    void brushed(const QList<qint64>& ids);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    using Range = std::optional<std::pair<double, double>>;
    struct Axis {
        AxisScale scale;
        Range range;
        bool turned = false;
    };
    /// Where everything lies at one size.
    struct Frame {
        QRectF area;  ///< from the first to the last axis, from top to low end
        double missingY = 0;
        double nameHeight = 0;
    };
    enum class Drag { None, Range, Name };

    [[nodiscard]] Frame frameFor(QSizeF size, const QFont& font) const;
    [[nodiscard]] double axisX(const Frame& frame, int position) const;
    [[nodiscard]] double valueY(const Frame& frame, int axis, double value) const;
    [[nodiscard]] double valueAt(const Frame& frame, int axis, double y) const;
    [[nodiscard]] bool isShown(std::size_t design) const;
    [[nodiscard]] bool isKept(std::size_t design) const;
    [[nodiscard]] QPolygonF lineOf(const Frame& frame, std::size_t design) const;
    [[nodiscard]] int positionNear(const Frame& frame, double x) const;
    void paintLines(QPainter& painter, const Frame& frame, const ChartTheme& theme) const;
    void paintAxes(QPainter& painter, const Frame& frame, const ChartTheme& theme) const;
    void paintName(QPainter& painter, const Frame& frame, const ChartTheme& theme,
                   int position) const;
    void paintTicks(QPainter& painter, const Frame& frame, const ChartTheme& theme,
                    int position) const;
    void paintAccents(QPainter& painter, const Frame& frame, const ChartTheme& theme) const;
    void reportRanges();
    void refresh();

    ParallelSnapshot m_data;
    std::vector<Axis> m_axes;
    std::vector<int> m_order;
    ChartTheme m_theme;
    QImage m_lines;  ///< all lines but the accents
    bool m_linesStale = true;
    bool m_frontOnly = true;
    std::optional<qint64> m_selected;
    QList<qint64> m_hovered;
    QList<qint64> m_highlighted;
    Drag m_drag = Drag::None;
    int m_dragged = -1;  ///< position among the axes
    QPointF m_pressed;
};

}  // namespace bitloupe::charts
