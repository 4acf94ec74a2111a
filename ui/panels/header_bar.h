// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace bitloupe::ui {

class StudyDocument;

/// What is open, how large it is, and Start: strategy, number of evaluations, time it will take.
class HeaderBar : public QWidget {
    Q_OBJECT

public:
    HeaderBar(StudyDocument& document, QAction& start, QWidget* parent = nullptr);

protected:
    bool event(QEvent* event) override;

private:
    void elide();
    void refresh();
    void refreshRun();
    [[nodiscard]] QString subject() const;
    void changeStrategy(const QString& name);
    void changeEvaluations(int count);

    StudyDocument& m_document;
    QLabel* m_title;
    QLabel* m_size;
    QPushButton* m_start;
    QLabel* m_time;
    QLabel* m_strategyLabel;
    QComboBox* m_strategy;
    QLabel* m_evaluationsLabel;
    QSpinBox* m_evaluations;
};

}  // namespace bitloupe::ui
