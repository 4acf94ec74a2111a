// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/models/design_layers_model.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTableView;

namespace bitloupe::ui {

class ComparePanel;
class DesignEditor;
class DesignPlot;
class DraftFigures;
class FineTunePanel;
class Selection;
class StudyDocument;
class TensorLine;
class TrainingJob;

/// The selected design layer by layer. A click on a format changes it; what that costs is seen at
/// once, what it does to the accuracy when it was measured. Beside it the values that the formats
/// of the selected layer round, below it the pinned designs.
class DesignPage : public QWidget {
    Q_OBJECT

public:
    DesignPage(StudyDocument& document, Selection& selection, DesignEditor& editor,
               TrainingJob& training, QWidget* parent = nullptr);

    [[nodiscard]] QTableView& table() { return *m_table; }
    [[nodiscard]] TensorLine& weights() { return *m_weights; }
    [[nodiscard]] TensorLine& activations() { return *m_activations; }
    [[nodiscard]] ComparePanel& comparison() { return *m_compare; }
    [[nodiscard]] FineTunePanel& fineTuning() { return *m_fineTuning; }
    void showFineTuning();
    [[nodiscard]] DesignPlot& plot() { return *m_plot; }
    [[nodiscard]] QTabWidget& tabs() { return *m_tabs; }
    [[nodiscard]] DraftFigures& figures() { return *m_figures; }
    /// The formats one cell may be changed to, with what each does alone; null where there is
    /// nothing to choose. The caller owns it.
    [[nodiscard]] QMenu* makeFormatMenu(const QModelIndex& index);

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeEmpty();
    QWidget* makeHead();
    QWidget* makeLayers();
    void refresh();
    void refreshArrays();
    void refreshFigures();
    void showLayer();
    void offerFormats(const QModelIndex& index);
    void stepFormat(int step);

    StudyDocument& m_document;
    Selection& m_selection;
    DesignEditor& m_editor;
    QStackedWidget* m_pages;
    QLabel* m_title;
    QLabel* m_remark;
    QCheckBox* m_automatic;
    QPushButton* m_measure;
    DraftFigures* m_figures;
    DesignLayersModel m_layers;
    QTableView* m_table;
    QComboBox* m_array;
    TensorLine* m_weights;
    TensorLine* m_activations;
    QTabWidget* m_tabs;
    DesignPlot* m_plot;
    ComparePanel* m_compare;
    FineTunePanel* m_fineTuning;
    std::int64_t m_fitted = 0;  ///< the design whose columns were fitted
};

}  // namespace bitloupe::ui
