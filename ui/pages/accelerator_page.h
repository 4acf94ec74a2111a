// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "core/hardware/accelerator.h"
#include "ui/models/array_sweep_model.h"
#include "ui/models/layer_costs_model.h"

class QComboBox;
class QLabel;
class QTableView;

namespace bitloupe::ui {

class ArrayPicture;
class Selection;
class StudyDocument;

/// What the network costs on an array: cycles and utilization layer by layer, how the selected
/// layer lies on it, and the same network on every array of the space or of a budget.
class AcceleratorPage : public QWidget {
    Q_OBJECT

public:
    AcceleratorPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] const hardware::Accelerator& shown() const { return m_shown; }

private:
    QWidget* makeLayers();
    QWidget* makeSweep();
    void refresh();
    void followDesign();
    void show(const hardware::Accelerator& accelerator);
    void refreshSweep();
    void showLayer();

    StudyDocument& m_document;
    Selection& m_selection;
    hardware::Accelerator m_shown;
    LayerCostsModel m_costs;
    ArraySweepModel m_sweep;
    QLabel* m_title;
    QLabel* m_summary;
    QTableView* m_costTable;
    ArrayPicture* m_picture;
    QComboBox* m_scope;
    QTableView* m_sweepTable;
    QLabel* m_best;
};

}  // namespace bitloupe::ui
