// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTimer>
#include <QWidget>

#include "ui/bridge/snapshot.h"
#include "ui/models/design_list_model.h"
#include "ui/models/scatter_builder.h"

class QLabel;
class QMenu;
class QStackedLayout;
class QTableView;
class QToolButton;

namespace bitloupe::charts {
class DesignScatter;
}

namespace bitloupe::ui {

class ConstraintBar;
class Selection;
class StudyDocument;

/// The picture: every design on two quantities, the front, and a list below.
class ExplorePage : public QWidget {
    Q_OBJECT

public:
    ExplorePage(StudyDocument& document, Selection& selection, QWidget* parent = nullptr);

    [[nodiscard]] charts::DesignScatter& scatter() { return *m_scatter; }
    [[nodiscard]] const ScatterAxes& axes() const { return m_builder.axes(); }
    void setAxes(const ScatterAxes& axes);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makePlot();
    QWidget* makeList();
    QToolButton* makeAxisButton(Qt::Orientation orientation);
    void fillAxisMenu(QMenu& menu, Qt::Orientation orientation);
    void fillMarkMenu(QMenu& menu);
    void take(const SnapshotPointer& snapshot);
    void redraw();
    void refreshList();
    void showSelection();
    void constrain();
    [[nodiscard]] QString hoverText(const QList<qint64>& ids) const;

    StudyDocument& m_document;
    Selection& m_selection;
    SnapshotPointer m_snapshot;
    ScatterBuilder m_builder;
    DesignListModel m_list;
    charts::DesignScatter* m_scatter;
    ConstraintBar* m_constraint;
    QToolButton* m_xButton = nullptr;
    QToolButton* m_yButton = nullptr;
    QTableView* m_table;
    QLabel* m_empty;
    QTimer m_listTimer;  ///< lists follow a few times a second only
    int m_fittedGeneration = -1;
};

}  // namespace bitloupe::ui
