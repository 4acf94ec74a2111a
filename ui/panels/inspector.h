// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <optional>

#include "ui/bridge/snapshot.h"
#include "ui/models/design_layers_model.h"

class QAction;
class QComboBox;
class QGridLayout;
class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace bitloupe::ui {

class Selection;
class StudyDocument;

/// The selected design, on every page: its objectives with their differences to the float network
/// or to a pinned design, and what each layer uses.
class Inspector : public QWidget {
    Q_OBJECT

public:
    struct Actions {
        QAction& pin;
        QAction& previous;
        QAction& next;
        QAction& edit;
        QAction& fineTune;
        QAction& exportDesign;
    };

    Inspector(StudyDocument& document, Selection& selection, const Actions& actions,
              QWidget* parent = nullptr);

    /// Everything it says about the design, one line a fact.
    [[nodiscard]] QStringList facts() const { return m_factLines; }

private:
    /// What the selected design is compared with.
    struct Comparison {
        exploration::Measurement measured;
        exploration::Costs costs;
        exploration::Assignment assignment;
    };

    QWidget* makeHead(const Actions& actions);
    QWidget* makeEmpty();
    void refresh();
    void refreshPins();
    void refreshFacts(const exploration::Evaluation& evaluation, const Snapshot& snapshot);
    void addFact(int row, exploration::QuantityId id, const exploration::Evaluation& evaluation,
                 const std::optional<Comparison>& other, bool objective);
    [[nodiscard]] std::optional<Comparison> comparison(const Snapshot& snapshot) const;

    StudyDocument& m_document;
    Selection& m_selection;
    QStackedWidget* m_pages;
    QLabel* m_title;
    QLabel* m_remark;
    QGridLayout* m_grid;
    QWidget* m_facts;
    QComboBox* m_compare;
    QLabel* m_array;
    DesignLayersModel m_layers;
    QTableView* m_table;
    QStringList m_factLines;
    std::int64_t m_shownDesign = 0;
    int m_shownGeneration = -1;
};

}  // namespace bitloupe::ui
