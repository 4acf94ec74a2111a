// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QStringList>
#include <QtWidgets/QWidget>

#include <memory>
#include <vector>

#include "core/network/graph_layout.h"
#include "ui/charts/axis_scale.h"
#include "ui/charts/picture.h"

namespace bitloupe::charts {

/// One node as it is drawn.
struct GraphNode {
    QString title;     ///< operator
    QString name;      ///< the layer's, else the node's
    int layer = -1;    ///< index into the network's layers; -1: not one
    double value = 0;  ///< of the quantity; NaN: none
};

struct GraphViewData {
    std::vector<GraphNode> nodes;  ///< in the order of `layout`
    network::GraphLayout layout;
    AxisDescription axis;  ///< what the colours mean; no label: nothing
};

/// A network from top to bottom, its layers in cividis by whatever is being looked at. The wheel
/// zooms, dragging moves, a click or the arrow keys choose a layer; only what is seen is painted,
/// so that thousands of nodes stay quick. GUI thread only.
class GraphView : public QWidget, public Picture {
    Q_OBJECT
public:
    explicit GraphView(QWidget* parent = nullptr);

    /// Another network starts fitted to the view; the same layout keeps its zoom.
    void setData(std::shared_ptr<const GraphViewData> data);
    [[nodiscard]] const GraphViewData& data() const { return *m_data; }
    void setSelectedLayer(int layer);
    [[nodiscard]] int selectedLayer() const { return m_selected; }

    void fit();
    /// Times `factor`, around the point of the view.
    void zoom(double factor, QPointF around);
    /// Pixels of a node's width.
    [[nodiscard]] double nodeWidth() const;
    [[nodiscard]] QRectF nodePlace(std::size_t node) const;
    [[nodiscard]] QSize minimumSizeHint() const override;

    void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const override;
    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override;

Q_SIGNALS:
    void layerChosen(int layer);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    /// Where the drawing lies in the view: pixels = (units - origin) * scale.
    struct Camera {
        QPointF origin;
        double scale = 1;
    };
    [[nodiscard]] Camera fitted(QSizeF size) const;
    [[nodiscard]] static QRectF place(const network::NodePlace& node, const Camera& camera);
    [[nodiscard]] int nodeAt(QPointF position) const;
    [[nodiscard]] QString describe(std::size_t node) const;
    void paint(QPainter& painter, QSizeF size, const Camera& camera, const ChartTheme& theme,
               int selected) const;
    void paintNode(QPainter& painter, std::size_t node, const QRectF& box, const ChartTheme& theme,
                   const AxisScale& scale, bool selected) const;
    void walk(int step);
    void reveal(std::size_t node);
    void revealSelected();

    std::shared_ptr<const GraphViewData> m_data;
    Camera m_camera;
    bool m_fitted = true;  ///< follows the widget's size until the person zooms or moves
    int m_selected = -1;
    QPointF m_dragFrom;
    bool m_dragging = false;
};

}  // namespace bitloupe::charts
