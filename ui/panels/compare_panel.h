// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/models/comparison_model.h"

class QComboBox;
class QLabel;
class QTableView;

namespace bitloupe::ui {

class Selection;
class StudyDocument;

/// The pinned designs and the selected one side by side, each with its differences to one of them
/// or to the float network.
class ComparePanel : public QWidget {
    Q_OBJECT

public:
    ComparePanel(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] const ComparisonModel& model() const { return m_model; }

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh();
    void refreshBaselines(const std::vector<std::int64_t>& designs);
    [[nodiscard]] std::vector<ComparisonModel::Entry> entries() const;

    StudyDocument& m_document;
    Selection& m_selection;
    ComparisonModel m_model;
    QComboBox* m_baseline;
    QLabel* m_hint;
    QTableView* m_table;
};

}  // namespace bitloupe::ui
