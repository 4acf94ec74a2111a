// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/integer_check.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace bitloupe::ui {

/// Whether a design would overflow an accumulator, before it is exported, and what it computes in
/// integers alone.
class IntegerPanel : public QWidget {
    Q_OBJECT

public:
    explicit IntegerPanel(StudyDocument& document, QWidget* parent = nullptr);

    /// 0: none.
    void setDesign(std::int64_t design);
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QSpinBox& bits() { return *m_bits; }
    [[nodiscard]] const IntegerCheck& check() const { return m_check; }

Q_SIGNALS:
    void failed(const bitloupe::Error& error);

private:
    void consider();
    void refresh();
    [[nodiscard]] quantization::Accumulator accumulator() const;

    IntegerCheck m_check;
    std::int64_t m_design = 0;
    QSpinBox* m_bits;
    QComboBox* m_overflow;
    QPushButton* m_run;
    QLabel* m_sentence;
};

}  // namespace bitloupe::ui
