// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ui/bridge/snapshot.h"
#include "ui/models/design_filter.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// Evaluated designs as a table that can be sorted by any quantity and grows while a run goes on.
class DesignListModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Id, OnFront, FirstQuantity };
    enum Roles { IdRole = Qt::UserRole };

    explicit DesignListModel(QObject* parent = nullptr);

    void setSnapshot(const SnapshotPointer& snapshot);
    void setFrontOnly(bool frontOnly);
    /// Designs that it does not allow are left out.
    void setFilter(const DesignFilter& filter);

    [[nodiscard]] std::int64_t idAt(int row) const;
    [[nodiscard]] int rowOf(std::int64_t id) const;  ///< -1: not in the list

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    void sort(int column, Qt::SortOrder order) override;

    /// The same rows and columns as text with commas, RFC 4180.
    [[nodiscard]] QByteArray toCsv() const;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] bool isText(int column) const override { return column == OnFront; }
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    [[nodiscard]] exploration::QuantityId metric() const;
    [[nodiscard]] exploration::QuantityId quantityAt(int column) const;
    [[nodiscard]] const exploration::Evaluation& at(int row) const;
    [[nodiscard]] bool isOnFront(std::size_t position) const;
    [[nodiscard]] bool isWanted(std::size_t position) const;
    void update(std::size_t firstNew);
    void removeUnwanted();
    void appendWanted(std::size_t firstNew);
    void resort();
    void rebuild();

    SnapshotPointer m_snapshot;
    std::vector<std::size_t> m_rows;  ///< positions in the log
    bool m_frontOnly = true;
    DesignFilter m_filter;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

}  // namespace bitloupe::ui
