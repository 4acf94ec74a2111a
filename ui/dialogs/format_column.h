// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <array>
#include <span>

#include "ui/models/format_figures.h"

class QComboBox;
class QLabel;

namespace bitloupe::charts {
class HistogramView;
}

namespace bitloupe::ui {

/// One side of the format browser: a name to choose or to type, its figures, and its number line
/// under the weights of a layer.
class FormatColumn : public QWidget {
    Q_OBJECT

public:
    /// `line`: how this side's curve is drawn, in words.
    FormatColumn(const QString& name, const QString& line, const QString& format,
                 QWidget* parent = nullptr);

    [[nodiscard]] const numerics::NumberFormat& format() const { return m_format; }
    void show(const FormatFigures& figures, std::span<const float> weights, const QString& layer,
              bool logarithmic);

Q_SIGNALS:
    void formatChanged();

private:
    enum Row { Bits, Values, Largest, Smallest, Scale, Clipped, Underflow, Sqnr, RowCount };

    void build(const QString& name, const QString& line);
    void fillNames();
    void take(const QString& text);
    void setFigure(Row row, const QString& text);

    numerics::NumberFormat m_format;
    QComboBox* m_names;
    QLabel* m_problem;
    std::array<QLabel*, RowCount> m_figures = {};
    charts::HistogramView* m_histogram;
};

}  // namespace bitloupe::ui
