// SPDX-License-Identifier: Apache-2.0
#include "ui/models/table_columns.h"

#include <utility>

namespace bitloupe::ui {

TableColumns::TableColumns(QStringList columns, QObject* parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns)) {}

void TableColumns::setColumns(QStringList columns) {
    m_columns = std::move(columns);
}

int TableColumns::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant TableColumns::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size()) {
        return {};
    }
    if (role == Qt::DisplayRole) {
        return m_columns.at(section);
    }
    if (role == Qt::TextAlignmentRole) {
        return int((isText(section) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    return {};
}

QVariant TableColumns::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= columnCount()) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
            return text(index.row(), index.column());
        case Qt::ToolTipRole: {
            const QString tip = toolTip(index.row(), index.column());
            return tip.isEmpty() ? QVariant() : tip;
        }
        case Qt::TextAlignmentRole:
            return int((isText(index.column()) ? Qt::AlignLeft : Qt::AlignRight) |
                       Qt::AlignVCenter);
        default:
            return extra(index, role);
    }
}

}  // namespace bitloupe::ui
