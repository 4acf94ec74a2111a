// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <vector>

#include "ui/bridge/snapshot.h"
#include "ui/models/design_filter.h"

class QLabel;
class QMenu;
class QToolButton;
class QVBoxLayout;

namespace bitloupe::ui {

class ConstraintBar;

/// The constraints on the shown designs, one slider each, and what was kept or put away by hand.
class FilterBar : public QWidget {
    Q_OBJECT

public:
    explicit FilterBar(FilterHistory& history, QWidget* parent = nullptr);

    void setSnapshot(const SnapshotPointer& snapshot);
    /// The designs that were brushed in one of the views: what Keep and Exclude are about.
    void setBrushed(std::vector<std::int64_t> designs);
    [[nodiscard]] const std::vector<ConstraintBar*>& bars() const { return m_bars; }
    /// Of all constraints together.
    [[nodiscard]] QString sentence() const;
    [[nodiscard]] QToolButton& keepButton() { return *m_keep; }
    [[nodiscard]] QToolButton& excludeButton() { return *m_exclude; }
    [[nodiscard]] QToolButton& restoreButton() { return *m_restore; }

private:
    void addBar(exploration::QuantityId quantity);
    void fillMenu(QMenu& menu);
    void follow();
    void refresh();
    [[nodiscard]] exploration::QuantityId metric() const;

    FilterHistory& m_history;
    SnapshotPointer m_snapshot;
    std::vector<std::int64_t> m_brushed;
    std::vector<ConstraintBar*> m_bars;  ///< the metric's first
    QVBoxLayout* m_column;
    QToolButton* m_add;
    QToolButton* m_keep;
    QToolButton* m_exclude;
    QToolButton* m_restore;
    QLabel* m_left;
};

}  // namespace bitloupe::ui
