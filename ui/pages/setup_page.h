// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

class QGridLayout;
class QLabel;

namespace bitloupe::ui {

class Card;
class Selection;
class StudyDocument;

/// What is studied: network, data, formats, accelerator, and how large that makes the space.
class SetupPage : public QWidget {
    Q_OBJECT

public:
    SetupPage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

Q_SIGNALS:
    void formatsRequested();  ///< to look at and compare number formats

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange(int columns);
    void refresh();

    StudyDocument& m_document;
    QList<Card*> m_cards;
    QGridLayout* m_grid;
    QLabel* m_size;
    QLabel* m_work;
    int m_columns = 0;
};

}  // namespace bitloupe::ui
