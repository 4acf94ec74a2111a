// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/panels/card.h"

class QLabel;

namespace bitloupe::ui {

class ClassBalance;
class DataPreview;
class StudyDocument;

/// Set up: which data, how they are split, what they look like.
class DataCard : public Card {
    Q_OBJECT

public:
    explicit DataCard(StudyDocument& document, QWidget* parent = nullptr);

private:
    void refresh();
    void choose();
    [[nodiscard]] QString splitsSentence() const;

    StudyDocument& m_document;
    QLabel* m_splits;
    DataPreview* m_preview;
    QLabel* m_balanceTitle;
    ClassBalance* m_balance;
};

}  // namespace bitloupe::ui
