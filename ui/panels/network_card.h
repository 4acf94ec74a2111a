// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/network_layers_model.h"
#include "ui/panels/card.h"

class QTableView;

namespace bitloupe::ui {

class Selection;
class StudyDocument;

/// Set up: which network, and what its layers are.
class NetworkCard : public Card {
    Q_OBJECT

public:
    NetworkCard(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

private:
    void refresh();
    void choose();

    StudyDocument& m_document;
    NetworkLayersModel m_model;
    QTableView* m_table;
};

}  // namespace bitloupe::ui
