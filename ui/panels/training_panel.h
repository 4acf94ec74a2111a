// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/training_job.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace bitloupe::charts {
class CurveView;
}

namespace bitloupe::ui {

/// Settings, start, pause and stop, and the loss as it falls: for one kind of training job.
class TrainingPanel : public QWidget {
    Q_OBJECT

public:
    TrainingPanel(TrainingJob& job, TrainingJob::Kind kind, QWidget* parent = nullptr);

    void setSettings(const execution::TrainingSettings& settings);
    [[nodiscard]] const execution::TrainingSettings& settings() const { return m_settings; }
    /// What will be trained, and whether it can be.
    void setSubject(const QString& sentence, bool ready);
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] charts::CurveView& curve() { return *m_curve; }
    [[nodiscard]] QPushButton& startButton() { return *m_start; }
    [[nodiscard]] QPushButton& stopButton() { return *m_stop; }

Q_SIGNALS:
    void settingsEdited(const execution::TrainingSettings& settings);
    void startRequested();

private:
    QWidget* makeSettings();
    void edited();
    void startOrPause();
    void refresh();
    void refreshCurve();
    [[nodiscard]] bool isOurs() const;
    [[nodiscard]] QString progressWords() const;

    TrainingJob& m_job;
    TrainingJob::Kind m_kind;
    execution::TrainingSettings m_settings;
    QString m_subject;
    bool m_ready = false;
    QSpinBox* m_epochs;
    QDoubleSpinBox* m_rate;
    QSpinBox* m_batch;
    QComboBox* m_optimizer;
    QPushButton* m_start;
    QPushButton* m_stop;
    QLabel* m_sentence;
    charts::CurveView* m_curve;
};

}  // namespace bitloupe::ui
