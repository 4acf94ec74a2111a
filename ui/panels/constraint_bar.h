// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>
#include <optional>

#include "ui/bridge/snapshot.h"

class QLabel;
class QSlider;

namespace bitloupe::ui {

/// "Accuracy at least": a slider over what was measured of one quantity, with the number of designs
/// it leaves. Costs run in equal steps of their logarithm.
class ConstraintBar : public QWidget {
    Q_OBJECT

public:
    explicit ConstraintBar(exploration::QuantityId quantity, QWidget* parent = nullptr);

    [[nodiscard]] exploration::QuantityId quantity() const { return m_quantity; }
    void setQuantity(exploration::QuantityId quantity);
    void setSnapshot(const SnapshotPointer& snapshot);
    /// Nothing: no constraint.
    [[nodiscard]] std::optional<double> limit() const { return m_limit; }
    void setLimit(std::optional<double> limit);
    [[nodiscard]] QString sentence() const;

Q_SIGNALS:
    /// Moved by the person.
    void moved(exploration::QuantityId quantity, std::optional<double> limit);

private:
    void step(int step);
    [[nodiscard]] bool isLowerBetter() const;
    /// Where a value lies between the ends, 0 to 1, and back.
    [[nodiscard]] double shareOf(double value) const;
    [[nodiscard]] double valueAt(double share) const;
    void refresh();

    exploration::QuantityId m_quantity;
    SnapshotPointer m_snapshot;
    std::size_t m_seen = 0;
    int m_generation = -1;
    double m_lowest = 0;
    double m_highest = 1;
    std::optional<double> m_limit;
    QLabel* m_name;
    QSlider* m_slider;
    QLabel* m_value;
    QLabel* m_left;
};

}  // namespace bitloupe::ui
