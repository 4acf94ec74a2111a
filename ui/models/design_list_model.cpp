// SPDX-License-Identifier: Apache-2.0
#include "ui/models/design_list_model.h"

#include <algorithm>

#include "core/base/text.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

QStringList columnTitles(exploration::QuantityId metric) {
    QStringList titles = {DesignListModel::tr("Design"), DesignListModel::tr("Front")};
    for (const exploration::Quantity& quantity : exploration::quantitiesWith(metric)) {
        titles << wording::header(quantity.id);
    }
    return titles;
}

}  // namespace

DesignListModel::DesignListModel(QObject* parent)
    : TableColumns(columnTitles(exploration::QuantityId::Accuracy), parent),
      m_snapshot(std::make_shared<Snapshot>()) {}

void DesignListModel::setSnapshot(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_snapshot->generation ||
                         snapshot->evaluations.size() < m_snapshot->evaluations.size();
    const std::size_t known = m_snapshot->evaluations.size();
    const bool sameFront = snapshot->front == m_snapshot->front;
    if (!another && snapshot->evaluations.size() == known && sameFront) {
        m_snapshot = snapshot;
        return;
    }
    m_snapshot = snapshot;
    another ? rebuild() : update(known);
}

void DesignListModel::setFrontOnly(bool frontOnly) {
    if (m_frontOnly != frontOnly) {
        m_frontOnly = frontOnly;
        rebuild();
    }
}

void DesignListModel::setFilter(const DesignFilter& filter) {
    if (m_filter != filter) {
        m_filter = filter;
        rebuild();
    }
}

bool DesignListModel::isOnFront(std::size_t position) const {
    return std::binary_search(m_snapshot->front.begin(), m_snapshot->front.end(), position);
}

bool DesignListModel::isWanted(std::size_t position) const {
    return (!m_frontOnly || isOnFront(position)) &&
           m_filter.allows(m_snapshot->evaluations[position]);
}

exploration::QuantityId DesignListModel::metric() const {
    return exploration::metricAmong(m_snapshot->objectives);
}

exploration::QuantityId DesignListModel::quantityAt(int column) const {
    return exploration::quantitiesWith(metric())
        .at(static_cast<std::size_t>(column - FirstQuantity))
        .id;
}

void DesignListModel::rebuild() {
    beginResetModel();
    setColumns(columnTitles(metric()));
    m_rows.clear();
    for (std::size_t position = 0; position < m_snapshot->evaluations.size(); ++position) {
        if (isWanted(position)) {
            m_rows.push_back(position);
        }
    }
    resort();
    endResetModel();
}

void DesignListModel::update(std::size_t firstNew) {
    removeUnwanted();
    appendWanted(firstNew);
    sort(m_sortColumn, m_sortOrder);
    if (!m_frontOnly && !m_rows.empty()) {
        Q_EMIT dataChanged(index(0, OnFront), index(rowCount() - 1, OnFront), {Qt::DisplayRole});
    }
}

void DesignListModel::removeUnwanted() {
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (isWanted(m_rows[static_cast<std::size_t>(last)])) {
            continue;
        }
        int first = last;
        while (first > 0 && !isWanted(m_rows[static_cast<std::size_t>(first - 1)])) {
            --first;
        }
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
}

void DesignListModel::appendWanted(std::size_t firstNew) {
    std::vector<std::size_t> added;
    for (std::size_t position = firstNew; position < m_snapshot->evaluations.size(); ++position) {
        if (isWanted(position)) {
            added.push_back(position);
        }
    }
    if (added.empty()) {
        return;
    }
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(added.size()) - 1);
    m_rows.insert(m_rows.end(), added.begin(), added.end());
    endInsertRows();
}

void DesignListModel::resort() {
    if (m_sortColumn < 0) {
        return;
    }
    const auto key = [this](std::size_t position) {
        const exploration::Evaluation& evaluation = m_snapshot->evaluations[position];
        if (m_sortColumn == Id) {
            return static_cast<double>(evaluation.id);
        }
        return m_sortColumn == OnFront ? static_cast<double>(isOnFront(position))
                                       : evaluation.value(quantityAt(m_sortColumn));
    };
    std::vector<std::pair<double, std::size_t>> keyed;
    keyed.reserve(m_rows.size());
    for (const std::size_t position : m_rows) {
        keyed.emplace_back(key(position), position);
    }
    const bool ascending = m_sortOrder == Qt::AscendingOrder;
    std::sort(keyed.begin(), keyed.end(), [ascending](const auto& a, const auto& b) {
        if (a.first != b.first) {
            return ascending ? a.first < b.first : a.first > b.first;
        }
        return a.second < b.second;
    });
    std::transform(keyed.begin(), keyed.end(), m_rows.begin(),
                   [](const auto& entry) { return entry.second; });
}

void DesignListModel::sort(int column, Qt::SortOrder order) {
    m_sortColumn = column;
    m_sortOrder = order;
    if (column < 0) {
        return;
    }
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const std::vector<std::size_t> before = m_rows;
    const QModelIndexList from = persistentIndexList();
    resort();
    QModelIndexList to;
    for (const QModelIndex& old : from) {
        const std::size_t position = before[static_cast<std::size_t>(old.row())];
        const auto place = std::find(m_rows.begin(), m_rows.end(), position);
        to << index(static_cast<int>(place - m_rows.begin()), old.column());
    }
    changePersistentIndexList(from, to);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

const exploration::Evaluation& DesignListModel::at(int row) const {
    return m_snapshot->evaluations[m_rows[static_cast<std::size_t>(row)]];
}

std::int64_t DesignListModel::idAt(int row) const {
    return row >= 0 && row < rowCount() ? at(row).id : 0;
}

int DesignListModel::rowOf(std::int64_t id) const {
    const auto position = m_snapshot->evaluations.find(id);
    if (!position) {
        return -1;
    }
    const auto place = std::find(m_rows.begin(), m_rows.end(), *position);
    return place == m_rows.end() ? -1 : static_cast<int>(place - m_rows.begin());
}

int DesignListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QString DesignListModel::text(int row, int column) const {
    const exploration::Evaluation& evaluation = at(row);
    if (column == Id) {
        return QString::number(evaluation.id);  // a name: without groups of digits
    }
    if (column == OnFront) {
        return isOnFront(m_rows[static_cast<std::size_t>(row)]) ? tr("●") : QString();
    }
    const exploration::QuantityId id = quantityAt(column);
    return wording::value(id, evaluation.value(id));
}

QVariant DesignListModel::extra(const QModelIndex& index, int role) const {
    if (role == IdRole) {
        return QVariant::fromValue(idAt(index.row()));
    }
    if (role == Qt::AccessibleTextRole && index.column() == OnFront) {
        return text(index.row(), OnFront).isEmpty() ? tr("not on the front") : tr("on the front");
    }
    return {};
}

QByteArray DesignListModel::toCsv() const {
    QByteArray csv = "id,front";
    for (const exploration::Quantity& quantity : exploration::quantitiesWith(metric())) {
        csv += ',' + QByteArray::fromStdString(quantity.key);
    }
    csv += "\r\n";
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        const exploration::Evaluation& evaluation = at(static_cast<int>(row));
        csv += QByteArray::number(static_cast<qlonglong>(evaluation.id)) +
               (isOnFront(m_rows[row]) ? ",1" : ",0");
        for (const exploration::Quantity& quantity : exploration::quantitiesWith(metric())) {
            csv += ',' + QByteArray::fromStdString(text::number(evaluation.value(quantity.id)));
        }
        csv += "\r\n";
    }
    return csv;
}

}  // namespace bitloupe::ui
