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

class FilterBar;
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
    [[nodiscard]] FilterHistory& filters() { return m_filters; }
    [[nodiscard]] FilterBar& filterBar() { return *m_filterBar; }
    void setDraft(std::optional<ScatterBuilder::Draft> draft);

Q_SIGNALS:
    void designActivated(qint64 design);  ///< double click or Enter: its details are wanted
    void axesChanged(const bitloupe::ui::ScatterAxes& axes);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makePlot();
    QToolButton* makeAxisButton(Qt::Orientation orientation);
    void fillAxisMenu(QMenu& menu, Qt::Orientation orientation);
    void fillMarkMenu(QMenu& menu);
    void fillSuggestions(QMenu& menu);
    /// Marks and selects a design, or no longer marks the one that is.
    void suggest(std::optional<charts::Suggestion> suggestion);
    void take(const SnapshotPointer& snapshot);
    /// Lets the axes show the metric that the study measures.
    void adoptMetric();
    void redraw();
    void showSelection();
    void applyFilter();
    void setBrushing(bool brushing);
    void savePicture();
    /// What its layers use, in one line.
    [[nodiscard]] QString formatsOf(qint64 design) const;
    [[nodiscard]] QString hoverText(const QList<qint64>& ids) const;

    StudyDocument& m_document;
    Selection& m_selection;
    SnapshotPointer m_snapshot;
    ScatterBuilder m_builder;
    charts::DesignScatter* m_scatter;
    FilterHistory m_filters;
    FilterBar* m_filterBar;
    QToolButton* m_xButton = nullptr;
    QToolButton* m_yButton = nullptr;
    QToolButton* m_brush = nullptr;
    QToolButton* m_suggest = nullptr;
    DesignTabs* m_tabs;
    QLabel* m_empty;
};

}  // namespace bitloupe::ui
