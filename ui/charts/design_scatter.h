// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QList>

#include <functional>
#include <limits>
#include <optional>

#include "ui/charts/fading_points.h"
#include "ui/charts/plot_view.h"
#include "ui/charts/point_index.h"
#include "ui/charts/point_layer.h"
#include "ui/charts/scatter_data.h"

namespace bitloupe::charts {

/// The designs of a study on any two quantities, live.
///
/// Mouse: hovering lists what lies under the cursor, a click selects, a double click on a design
/// opens it and elsewhere shows everything, the wheel zooms about the cursor, dragging moves the
/// view, dragging with Shift (or the brush tool) brushes. Keyboard: Left and Right walk along the
/// front, Home and End jump to its ends, Enter selects, + and - zoom, 0 shows everything, Escape
/// drops the brush.
///
/// Selection belongs to the window: the view only reports clicks, and shows what setSelected(),
/// setHighlighted() and the snapshot's flags say. GUI thread only.
class DesignScatter : public PlotView {
    Q_OBJECT
public:
    enum class Tool { Pan, Brush };

    explicit DesignScatter(QWidget* parent = nullptr);
    ~DesignScatter() override;

    /// Shows `data` (never null, consistent; anything else is a broken invariant and is ignored).
    /// New points at the end of the last snapshot cost only their own drawing.
    void setData(ScatterSnapshot data);
    [[nodiscard]] const ScatterData& data() const { return *m_data; }

    /// Points that come to those already shown fade in, unless the style wants nothing to move.
    void setFading(bool on) { m_fades = on; }

    void setSelected(std::optional<qint64> id);
    /// Designs that another view hovers.
    void setHighlighted(const QList<qint64>& ids);
    void setTool(Tool tool);
    [[nodiscard]] Tool tool() const { return m_tool; }

    /// Lines at constraint values; what lies beyond is flagged infeasible in the snapshot.
    void setLimits(std::optional<double> x, std::optional<double> y);

    /// What the tool tip says about the designs under the cursor (rich text). Without one it names
    /// each with its two quantities.
    void setHoverText(std::function<QString(const QList<qint64>&)> text);

    /// All designs within reach of a position in the view, nearest first.
    [[nodiscard]] QList<qint64> designsAt(QPointF position) const;
    /// Where a design lies in the view, if it is known.
    [[nodiscard]] std::optional<QPointF> positionOf(qint64 id) const;

    [[nodiscard]] QString summary() const;

    /// The points in the shown range.
    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override { return summary(); }

    /// How many dots were drawn into the layer of settled points so far.
    [[nodiscard]] qint64 dotsDrawn() const { return m_layer.dotsDrawn(); }

public Q_SLOTS:
    void resetView();
    /// Shows the front with its surroundings.
    void zoomToFront();
    void clearBrush();

Q_SIGNALS:
    void designClicked(qint64 id);
    void designActivated(qint64 id);  ///< double click, or Enter on the selected design
    void backgroundClicked();
    /// Designs under the cursor, nearest first; empty when it left them.
    void designHovered(const QList<qint64>& ids);
    /// Every design inside the brushed rectangle; empty when the brush was dropped.
    void brushed(const QList<qint64>& ids);

protected:
    void paintContent(QPainter& painter, bool vector) override;
    [[nodiscard]] std::unique_ptr<PlotView> copyForPicture() const override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Extent {
        double low = std::numeric_limits<double>::infinity();
        double high = -std::numeric_limits<double>::infinity();
        void include(double value);
        /// Includes `value` if it lies beyond by at most `reach` times what is spanned so far.
        void includeWithin(double reach, double value, ScaleKind scale);
    };
    enum class Drag { None, Press, Pan, Brush };

    [[nodiscard]] ScatterScene picture() const;
    void adoptPoints(std::size_t firstNew);
    void fitScales(bool grow);
    void showHome();
    void zoom(QPointF about, double factor);
    void panBy(QPointF pixels);
    void hover(QPointF position, QPoint globalPosition);
    void finishBrush(const QRectF& rectangle);
    void walkFront(int step);
    [[nodiscard]] bool handleZoomKey(int key);
    [[nodiscard]] std::optional<std::size_t> pointOf(qint64 id) const;
    [[nodiscard]] QList<qint64> inRectangle(const QRectF& rectangle) const;
    [[nodiscard]] QString defaultHoverText(const QList<qint64>& ids) const;
    void paintFading(QPainter& painter, const ScatterScene& scene) const;
    void updateMargins();
    void describeForAssistance();

    ScatterSnapshot m_data;
    std::vector<std::size_t> m_front;
    PointIndex m_index;  ///< in the coordinates in which the axes are linear
    PointLayer m_layer;
    bool m_fades = false;
    FadingPoints m_fading{[this] { updateContent(); }};
    Extent m_xExtent;
    Extent m_yExtent;
    Extent m_colourExtent;
    Extent m_sizeExtent;
    AxisScale m_homeX;  ///< what is shown when the user did not zoom
    AxisScale m_homeY;
    AxisScale m_colourScale;
    AxisScale m_sizeScale;
    bool m_atHome = true;
    bool m_everything = false;  ///< asked for: the home view goes to the reference, however far

    std::optional<qint64> m_selected;
    QList<qint64> m_hovered;      ///< under the cursor
    QList<qint64> m_highlighted;  ///< hovered elsewhere
    std::optional<qint64> m_keyboardPlace;
    std::optional<double> m_xLimit;
    std::optional<double> m_yLimit;
    std::function<QString(const QList<qint64>&)> m_hoverText;

    Tool m_tool = Tool::Pan;
    Drag m_drag = Drag::None;
    QPointF m_pressed;
    QPointF m_lastPosition;
    std::optional<QRectF> m_brush;  ///< low and high corner, in data units
    QRectF m_brushInProgress;
};

}  // namespace bitloupe::charts
