// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <optional>

#include "ui/bridge/snapshot.h"

class QLabel;
class QSlider;

namespace bitloupe::ui {

/// "Accuracy at least": a slider over what was measured, with the number of designs it leaves.
class ConstraintBar : public QWidget {
    Q_OBJECT

public:
    explicit ConstraintBar(QWidget* parent = nullptr);

    void setSnapshot(const SnapshotPointer& snapshot);
    /// Nothing: no constraint.
    [[nodiscard]] std::optional<double> minimum() const { return m_minimum; }
    void setMinimum(std::optional<double> minimum);
    [[nodiscard]] QString sentence() const;

Q_SIGNALS:
    void minimumChanged();

private:
    void moved(int step);
    [[nodiscard]] bool isLowerBetter() const;
    void refresh();

    SnapshotPointer m_snapshot;
    std::size_t m_seen = 0;
    int m_generation = -1;
    double m_lowest = 0;
    double m_highest = 1;
    std::optional<double> m_minimum;
    QLabel* m_name;
    QSlider* m_slider;
    QLabel* m_value;
    QLabel* m_left;
};

}  // namespace bitloupe::ui
