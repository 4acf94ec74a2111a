// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>

#include "core/study/study_description.h"

namespace bitloupe::ui {

class TrainingJob;
class TrainingPanel;

/// Trains the network of a study that has no weights yet. Closing it leaves the training running.
class TrainingDialog : public QDialog {
    Q_OBJECT

public:
    TrainingDialog(TrainingJob& job, const study::StudyDescription& study,
                   QWidget* parent = nullptr);

    [[nodiscard]] TrainingPanel& panel() { return *m_panel; }

private:
    study::StudyDescription m_study;
    TrainingPanel* m_panel;
};

}  // namespace bitloupe::ui
