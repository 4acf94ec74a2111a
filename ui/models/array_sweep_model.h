// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/hardware/accelerator.h"
#include "core/hardware/gemm.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// A network on many arrays: what each costs in cycles. Sortable.
class ArraySweepModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Rows, Columns, Elements, Cycles, Utilization };

    explicit ArraySweepModel(QObject* parent = nullptr);
    void set(const std::vector<hardware::Gemm>& gemms,
             const std::vector<hardware::Accelerator>& accelerators);
    [[nodiscard]] const hardware::Accelerator& accelerator(int row) const;
    [[nodiscard]] int rowOf(const hardware::Accelerator& accelerator) const;
    /// Row of the fewest cycles; -1 without any.
    [[nodiscard]] int best() const;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    void sort(int column, Qt::SortOrder order) override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;

private:
    struct Entry {
        hardware::Accelerator accelerator;
        double cycles = 0;
        double utilization = 0;
    };
    [[nodiscard]] static double key(const Entry& entry, int column);
    std::vector<Entry> m_entries;
};

}  // namespace bitloupe::ui
