// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCharts/QChartView>

#include <memory>
#include <optional>

#include "ui/charts/axis_scale.h"
#include "ui/charts/colours.h"
#include "ui/charts/picture.h"

class QCategoryAxis;

namespace bitloupe::charts {

/// A chart whose frame (axes, grid, titles) Qt Charts draws and whose content one item paints.
/// Colours and fonts follow the widget's palette and font, live, unless a theme is fixed.
/// GUI thread only.
class PlotView : public QChartView, public Picture {
    Q_OBJECT
public:
    explicit PlotView(QWidget* parent = nullptr);

    /// A theme of its own (pictures for print), or the palette's.
    void setFixedTheme(const std::optional<ChartTheme>& theme);
    [[nodiscard]] const ChartTheme& theme() const { return m_theme; }

    [[nodiscard]] const AxisScale& xScale() const { return m_xScale; }
    [[nodiscard]] const AxisScale& yScale() const { return m_yScale; }

    /// Where the content lies, in the view's coordinates.
    [[nodiscard]] QRectF plotArea() const;
    /// The place of a value in the view's coordinates; NaN where the scale cannot show it.
    [[nodiscard]] QPointF toView(double x, double y) const;

    void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const override;

Q_SIGNALS:
    /// The user clicked an axis or asked for its menu: the window offers other quantities there.
    void axisMenuRequested(Qt::Orientation orientation, QPoint globalPosition);
    void viewChanged();

protected:
    /// Draws the content; `vector` says that the device keeps shapes (SVG, PDF).
    virtual void paintContent(QPainter& painter, bool vector) = 0;
    /// A view of its own with the same content, to be painted at another size in another theme.
    /// Scales are copied by the caller.
    [[nodiscard]] virtual std::unique_ptr<PlotView> copyForPicture() const = 0;

    void setAxes(const AxisDescription& x, const AxisDescription& y);
    void setScales(const AxisScale& x, const AxisScale& y);
    /// Room around the frame for what the content draws there (legend, colour bar), in pixels of
    /// the default font.
    void setFrameMargins(const QMargins& margins);
    void updateContent();

    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    [[nodiscard]] std::optional<Qt::Orientation> axisAt(QPointF position) const;

private:
    class ContentItem;

    void applyTheme();
    void applyTicks();
    void renderWhole(QPainter& painter, QSizeF size);

    std::optional<ChartTheme> m_fixedTheme;
    ChartTheme m_theme;
    AxisDescription m_xDescription;
    AxisDescription m_yDescription;
    AxisScale m_xScale;
    AxisScale m_yScale;
    QCategoryAxis* m_xAxis;  ///< owned by the chart
    QCategoryAxis* m_yAxis;
    ContentItem* m_content;
};

}  // namespace bitloupe::charts
