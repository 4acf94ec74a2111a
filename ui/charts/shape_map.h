// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtCore/QStringList>
#include <QtWidgets/QWidget>

#include <vector>

#include "ui/charts/axis_scale.h"
#include "ui/charts/picture.h"

namespace bitloupe::charts {

/// A quantity over two things that take few values each, such as cycles over the sides of an array.
struct ShapeMapData {
    QString rowTitle;
    QString columnTitle;
    QStringList rows;
    QStringList columns;
    std::vector<double> values;  ///< row by row; NaN: not known
    AxisDescription axis;
    int chosen = -1;  ///< index into values, outlined; -1: none

    [[nodiscard]] int cell(int row, int column) const { return row * int(columns.size()) + column; }
};

/// The quantity in cividis, cell by cell, with its numbers. The mouse or the arrow keys and Enter
/// choose a cell. GUI thread only.
class ShapeMap : public QWidget, public Picture {
    Q_OBJECT
public:
    explicit ShapeMap(QWidget* parent = nullptr);

    void setData(ShapeMapData data);
    [[nodiscard]] const ShapeMapData& data() const { return m_data; }
    /// Where a cell lies in the widget.
    [[nodiscard]] QRectF cellPlace(int row, int column) const;
    [[nodiscard]] QSize minimumSizeHint() const override;

    void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const override;
    [[nodiscard]] QString pictureCsv() const override;
    [[nodiscard]] QString pictureSummary() const override;

Q_SIGNALS:
    void cellChosen(int row, int column);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Frame;
    [[nodiscard]] Frame frameFor(QSizeF size, const QFont& font) const;
    [[nodiscard]] int cellAt(QPointF place) const;
    [[nodiscard]] QString describe(int cell) const;
    void paint(QPainter& painter, QSizeF size, const ChartTheme& theme, int current) const;

    ShapeMapData m_data;
    int m_current = 0;
};

}  // namespace bitloupe::charts
