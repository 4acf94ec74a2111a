// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/models/scatter_builder.h"

namespace bitloupe::charts {
class DesignScatter;
}

namespace bitloupe::ui {

class DesignEditor;
class Selection;
class StudyDocument;

/// What is known of the edited design, as a plot shows it; nothing when nothing was changed or the
/// design was measured already.
[[nodiscard]] std::optional<ScatterBuilder::Draft> draftToShow(StudyDocument& document,
                                                               const DesignEditor& editor);

/// A small plot of the designs beside an editor: where the changed design goes.
class DesignPlot : public QWidget {
    Q_OBJECT

public:
    DesignPlot(StudyDocument& document, Selection& selection, DesignEditor& editor,
               QWidget* parent = nullptr);

    [[nodiscard]] charts::DesignScatter& scatter() { return *m_scatter; }
    void setAxes(const ScatterAxes& axes);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh();

    StudyDocument& m_document;
    Selection& m_selection;
    DesignEditor& m_editor;
    ScatterBuilder m_builder;
    charts::DesignScatter* m_scatter;
};

}  // namespace bitloupe::ui
