// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QCheckBox;
class QDoubleSpinBox;
class QSpinBox;

namespace bitloupe::ui {

class StudyDocument;

/// What is done to the whole network before anything is rounded, and how much of it may be pruned.
class PreparationPanel : public QWidget {
    Q_OBJECT

public:
    explicit PreparationPanel(StudyDocument& document, QWidget* parent = nullptr);

private:
    void edited();
    void refresh();

    StudyDocument& m_document;
    QCheckBox* m_equalize;
    QCheckBox* m_smooth;
    QDoubleSpinBox* m_alpha;
    QCheckBox* m_batchNorm;
    QSpinBox* m_pruning;
};

}  // namespace bitloupe::ui
