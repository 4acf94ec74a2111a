// SPDX-License-Identifier: Apache-2.0
#include "ui/models/array_sweep_model.h"

#include <algorithm>

#include "core/hardware/cost.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

ArraySweepModel::ArraySweepModel(QObject* parent)
    : TableColumns(
          {tr("Array"), tr("Rows"), tr("Columns"), tr("PEs"), tr("Cycles"), tr("Utilization (%)")},
          parent) {}

void ArraySweepModel::set(const std::vector<hardware::Gemm>& gemms,
                          const std::vector<hardware::Accelerator>& accelerators) {
    beginResetModel();
    m_entries.clear();
    for (const hardware::Accelerator& accelerator : accelerators) {
        m_entries.push_back({accelerator,
                             static_cast<double>(hardware::computeCycles(gemms, accelerator)),
                             hardware::utilization(gemms, accelerator)});
    }
    endResetModel();
}

const hardware::Accelerator& ArraySweepModel::accelerator(int row) const {
    return m_entries.at(static_cast<std::size_t>(row)).accelerator;
}

int ArraySweepModel::rowOf(const hardware::Accelerator& accelerator) const {
    const auto place = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) {
        return entry.accelerator == accelerator;
    });
    return place == m_entries.end() ? -1 : static_cast<int>(place - m_entries.begin());
}

int ArraySweepModel::best() const {
    const auto place =
        std::min_element(m_entries.begin(), m_entries.end(),
                         [](const Entry& a, const Entry& b) { return a.cycles < b.cycles; });
    return place == m_entries.end() ? -1 : static_cast<int>(place - m_entries.begin());
}

int ArraySweepModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

double ArraySweepModel::key(const Entry& entry, int column) {
    switch (column) {
        case Rows:
            return static_cast<double>(entry.accelerator.rows);
        case Columns:
            return static_cast<double>(entry.accelerator.columns);
        case Elements:
            return static_cast<double>(entry.accelerator.processingElements());
        case Cycles:
            return entry.cycles;
        case Utilization:
            return entry.utilization;
        default:
            return static_cast<double>(static_cast<int>(entry.accelerator.dataflow));
    }
}

void ArraySweepModel::sort(int column, Qt::SortOrder order) {
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const std::vector<Entry> before = m_entries;
    const QModelIndexList from = persistentIndexList();
    std::stable_sort(m_entries.begin(), m_entries.end(), [&](const Entry& a, const Entry& b) {
        return order == Qt::AscendingOrder ? key(a, column) < key(b, column)
                                           : key(a, column) > key(b, column);
    });
    QModelIndexList to;
    for (const QModelIndex& old : from) {
        to << index(rowOf(before[static_cast<std::size_t>(old.row())].accelerator), old.column());
    }
    changePersistentIndexList(from, to);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString ArraySweepModel::text(int row, int column) const {
    const Entry& entry = m_entries.at(static_cast<std::size_t>(row));
    if (column == Name) {
        return QString::fromStdString(entry.accelerator.name());
    }
    return column == Utilization
               ? wording::value(exploration::QuantityId::Utilization, entry.utilization)
               : wording::count(key(entry, column));
}

}  // namespace bitloupe::ui
