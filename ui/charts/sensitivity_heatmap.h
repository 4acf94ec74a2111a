// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QtWidgets/QWidget>

#include "ui/charts/picture.h"
#include "ui/charts/sensitivity_model.h"

class QTableView;

namespace bitloupe::charts {

/// Layers x formats in cividis: how much each layer minds each format. The selected design's cells
/// are outlined, missing ones hatched, numbers shown on demand (key N).
/// Arrows move, Enter selects, hovering reports. GUI thread only.
class SensitivityHeatmap : public QWidget, public Picture {
    Q_OBJECT
public:
    /// `model` must outlive the view.
    explicit SensitivityHeatmap(SensitivityModel& model, QWidget* parent = nullptr);

    void setNumbersShown(bool shown);
    [[nodiscard]] bool numbersShown() const { return m_numbers; }
    [[nodiscard]] QTableView& table() const { return *m_table; }
    [[nodiscard]] const ChartTheme& theme() const { return m_theme; }

    void paintPicture(QPainter& painter, QSizeF size, const ChartTheme& theme) const override;
    [[nodiscard]] QString pictureCsv() const override { return m_model.csv(); }
    [[nodiscard]] QString pictureSummary() const override { return m_model.summary(); }

Q_SIGNALS:
    void cellClicked(const bitloupe::charts::SensitivityModel::Cell& cell);  ///< click or Enter
    void cellHovered(const bitloupe::charts::SensitivityModel::Cell& cell);
    void hoverLeft();
    void numbersShownChanged(bool shown);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Delegate;
    class Legend;

    void buildTable();
    void layOut();
    void reshape();
    void applyTheme();
    bool handleKey(int key);

    SensitivityModel& m_model;
    ChartTheme m_theme;
    QTableView* m_table;
    QWidget* m_corner = nullptr;  ///< the table's, painted like the background
    QWidget* m_legend;
    bool m_numbers = false;
};

}  // namespace bitloupe::charts
