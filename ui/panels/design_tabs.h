// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTabWidget>
#include <QTimer>

#include "core/exploration/live_front.h"
#include "ui/bridge/snapshot.h"
#include "ui/models/design_list_model.h"

class QComboBox;
class QTableView;

namespace bitloupe::charts {
class CurveView;
class HistogramView;
class ParallelCoordinates;
}  // namespace bitloupe::charts

namespace bitloupe::ui {

class Selection;

/// Other views of the same designs below the plot: a list, parallel axes, how the front grew, how
/// the accuracies are spread. They follow a run a few times a second, and only the one that is
/// seen.
class DesignTabs : public QTabWidget {
    Q_OBJECT

public:
    explicit DesignTabs(Selection& selection, QWidget* parent = nullptr);

    void setSnapshot(const SnapshotPointer& snapshot);
    void setFilter(const DesignFilter& filter);

Q_SIGNALS:
    /// The designs inside every range of the parallel axes; empty when no range is left.
    void brushed(const QList<qint64>& designs);
    /// After a refresh, a few times a second at most.
    void refreshed();

private:
    QWidget* makeList();
    QWidget* makeSpread();
    void refresh();
    void refreshList();
    void refreshParallel();
    void refreshVolume();
    void refreshHistogram();
    void showSelection();

    Selection& m_selection;
    SnapshotPointer m_snapshot;
    DesignFilter m_filter;
    DesignListModel m_list;
    QTableView* m_table;
    charts::ParallelCoordinates* m_parallel;
    charts::CurveView* m_volume;
    charts::HistogramView* m_histogram;
    QComboBox* m_spread;  ///< which quantity
    QTimer m_timer;
    bool m_fitted = false;
    exploration::LiveFront m_front;
    std::vector<QPointF> m_volumes;  ///< designs evaluated, share of the space of losses
    std::vector<double> m_volumeReference;
    int m_volumeGeneration = -1;
};

}  // namespace bitloupe::ui
