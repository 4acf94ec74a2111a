// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/hardware/accelerator.h"
#include "ui/panels/card.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;

namespace bitloupe::ui {

class Chip;
class StudyDocument;

/// Set up: which arrays a design may use, as ranges of rows and columns or as all shapes of a
/// budget of processing elements.
class AcceleratorCard : public Card {
    Q_OBJECT

public:
    explicit AcceleratorCard(StudyDocument& document, QWidget* parent = nullptr);

private:
    void refresh();
    void apply();
    /// The arrays the fields describe; sets the state and returns nothing when they do not.
    [[nodiscard]] std::vector<hardware::Accelerator> described();
    [[nodiscard]] std::vector<std::int64_t> sides(const QLineEdit& field, const QString& name);

    StudyDocument& m_document;
    QLineEdit* m_rows;
    QLineEdit* m_columns;
    std::vector<Chip*> m_dataflows;  ///< in the order of kAllDataflows
    QSpinBox* m_budget;
    QString m_problem;
    std::vector<hardware::Accelerator> m_shown;
    bool m_listed = false;  ///< the arrays are not a grid of rows, columns and dataflows
};

}  // namespace bitloupe::ui
