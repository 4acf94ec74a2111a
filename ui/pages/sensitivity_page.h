// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/snapshot.h"
#include "ui/charts/sensitivity_model.h"

class QComboBox;
class QLabel;

namespace bitloupe::charts {
class SensitivityHeatmap;
}

namespace bitloupe::ui {

class Selection;
class StudyDocument;

/// What quantizing each layer alone does, as a heatmap of layers and formats.
class SensitivityPage : public QWidget {
    Q_OBJECT

public:
    SensitivityPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] charts::SensitivityModel& model() { return m_model; }
    [[nodiscard]] charts::SensitivityHeatmap& heatmap() { return *m_heatmap; }

private:
    void take(const SnapshotPointer& snapshot);
    void startOver();
    void addCells(const SnapshotPointer& snapshot);
    void showChosen();
    void describeCell(const charts::SensitivityModel::Cell& cell);
    void refreshState();

    StudyDocument& m_document;
    Selection& m_selection;
    charts::SensitivityModel m_model;
    charts::SensitivityHeatmap* m_heatmap;
    QComboBox* m_quantity;
    QLabel* m_summary;
    QLabel* m_empty;
    QLabel* m_cell;
    QStringList m_formats;
    std::size_t m_seen = 0;
    int m_generation = -1;
};

}  // namespace bitloupe::ui
