// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <memory>

#include "core/hardware/accelerator.h"
#include "ui/bridge/worker.h"
#include "ui/models/accelerator_study.h"
#include "ui/models/layer_costs_model.h"

class QLabel;
class QTableView;

namespace bitloupe::ui {

class AcceleratorEditor;
class AcceleratorTabs;
class ArrayPicture;
class Selection;
class StudyDocument;

/// What the network, in the formats of the selected design, costs on an accelerator that can be
/// edited here: layer by layer, how the selected layer lies on the array, and what other arrays,
/// more bandwidth or larger buffers would bring. Computed on a background thread.
class AcceleratorPage : public QWidget {
    Q_OBJECT

public:
    AcceleratorPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] const hardware::Accelerator& shown() const { return m_shown; }
    [[nodiscard]] AcceleratorEditor& editor() { return *m_editor; }
    [[nodiscard]] AcceleratorTabs& tabs() { return *m_tabs; }
    /// The latest that was computed; nothing without a network.
    [[nodiscard]] const std::shared_ptr<const AcceleratorStudy>& study() const { return m_study; }

Q_SIGNALS:
    void studied();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeLayers();
    void refresh();
    void followDesign();
    void show(const hardware::Accelerator& accelerator);
    void compute();  ///< at once when the page is seen, else when it is next
    void take(std::shared_ptr<const AcceleratorStudy> study);
    void summarize();
    void showLayer();
    void addToStudy(const hardware::Accelerator& accelerator);
    /// Of the selected design, when it belongs to the network in the window.
    [[nodiscard]] exploration::Assignment assignment() const;

    StudyDocument& m_document;
    Selection& m_selection;
    hardware::Accelerator m_shown;
    LayerCostsModel m_costs;
    std::shared_ptr<const AcceleratorStudy> m_study;
    int m_computation = 0;  ///< only the answer to the latest counts
    bool m_stale = true;    ///< something changed that no computation has seen yet
    QLabel* m_title;
    QLabel* m_summary;
    AcceleratorEditor* m_editor;
    QTableView* m_costTable;
    ArrayPicture* m_picture;
    AcceleratorTabs* m_tabs;
    Worker m_worker;  // last: stops before what its answers touch
};

}  // namespace bitloupe::ui
