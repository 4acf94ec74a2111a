// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/layer_locks_model.h"
#include "ui/panels/card.h"

class QTableView;

namespace bitloupe::ui {

class FormatChips;
class StudyDocument;

/// Set up: which formats the layers may use, for weights and for activations, and the layers that
/// are locked to something else.
class FormatsCard : public Card {
    Q_OBJECT

public:
    explicit FormatsCard(StudyDocument& document, QWidget* parent = nullptr);

Q_SIGNALS:
    void browseRequested();  ///< the person wants to look at formats

private:
    QWidget* makeSide(FormatChips* chips);
    void refresh();
    void offerLocks(const QModelIndex& index);
    void setLock(const QString& layer, int column, const std::vector<std::string>& names);

    StudyDocument& m_document;
    FormatChips* m_weights;
    FormatChips* m_activations;
    LayerLocksModel m_locks;
    QTableView* m_lockTable;
};

}  // namespace bitloupe::ui
