// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAbstractTableModel>
#include <QStringList>

namespace bitloupe::ui {

/// A table whose header is a list of words, first column left, the others right as numbers are.
class TableColumns : public QAbstractTableModel {
    Q_OBJECT

public:
    /// A share 0..1 that is drawn as a thin bar under the number.
    static constexpr int kBarRole = Qt::UserRole + 100;

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final;

protected:
    explicit TableColumns(QStringList columns, QObject* parent = nullptr);

    void setColumns(QStringList columns);  ///< within beginResetModel() and endResetModel()
    [[nodiscard]] const QStringList& columns() const { return m_columns; }
    [[nodiscard]] virtual QString text(int row, int column) const = 0;
    [[nodiscard]] virtual QString toolTip(int /*row*/, int /*column*/) const { return {}; }
    [[nodiscard]] virtual bool isText(int column) const { return column == 0; }
    /// Roles beyond text and alignment.
    [[nodiscard]] virtual QVariant extra(const QModelIndex& /*index*/, int /*role*/) const {
        return {};
    }

private:
    QStringList m_columns;
};

}  // namespace bitloupe::ui
