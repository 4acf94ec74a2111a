// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/panels/training_panel.h"

namespace bitloupe::ui {

class DesignEditor;
class Selection;

/// Trains the weights of the selected design further with its rounding in place; the result is a
/// new design joined to it.
class FineTunePanel : public TrainingPanel {
    Q_OBJECT

public:
    FineTunePanel(StudyDocument& document, Selection& selection, DesignEditor& editor,
                  TrainingJob& job, QWidget* parent = nullptr);

private:
    void refreshSubject();

    StudyDocument& m_document;
    Selection& m_selection;
    DesignEditor& m_editor;
    TrainingJob& m_job;
    QString m_news;             ///< of the latest job
    std::int64_t m_newsOf = 0;  ///< shown while this design is selected
};

}  // namespace bitloupe::ui
