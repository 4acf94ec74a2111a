// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

#include "ui/bridge/snapshot.h"
#include "ui/models/scatter_builder.h"

class QLabel;
class QMenu;
class QToolButton;

namespace bitloupe::charts {
class DesignScatter;
}

namespace bitloupe::ui {

class ConstraintBar;
class DesignTabs;
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
    void setDraft(std::optional<ScatterBuilder::Draft> draft);

Q_SIGNALS:
    void axesChanged(const bitloupe::ui::ScatterAxes& axes);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makePlot();
    QToolButton* makeAxisButton(Qt::Orientation orientation);
    void fillAxisMenu(QMenu& menu, Qt::Orientation orientation);
    void fillMarkMenu(QMenu& menu);
    void take(const SnapshotPointer& snapshot);
    /// Lets the axes show the metric that the study measures.
    void adoptMetric();
    void redraw();
    void showSelection();
    void constrain();
    void savePicture();
    [[nodiscard]] QString hoverText(const QList<qint64>& ids) const;

    StudyDocument& m_document;
    Selection& m_selection;
    SnapshotPointer m_snapshot;
    ScatterBuilder m_builder;
    charts::DesignScatter* m_scatter;
    ConstraintBar* m_constraint;
    QToolButton* m_xButton = nullptr;
    QToolButton* m_yButton = nullptr;
    DesignTabs* m_tabs;
    QLabel* m_empty;
};

}  // namespace bitloupe::ui
