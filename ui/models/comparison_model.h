// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/network/network.h"
#include "ui/bridge/snapshot.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// Designs side by side: a row for each quantity, then one for each side of each layer. The first
/// design is what the others are compared with; behind each of them stands a column of differences.
class ComparisonModel : public TableColumns {
    Q_OBJECT

public:
    /// One design; id 0 is the float network.
    struct Entry {
        exploration::Evaluation evaluation;
        exploration::Assignment assignment;
    };

    explicit ComparisonModel(QObject* parent = nullptr);

    /// `quantities` in the order they are shown; the first of `entries` is the baseline.
    void set(std::shared_ptr<const network::Network> network,
             std::vector<exploration::Quantity> quantities, std::vector<Entry> entries);
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    struct LayerRow {
        std::size_t layer = 0;
        bool weights = true;
    };

    [[nodiscard]] LayerRow layerRow(int row) const;
    [[nodiscard]] QString format(const Entry& entry, const LayerRow& row) const;
    [[nodiscard]] QString difference(const Entry& entry, int row) const;

    std::shared_ptr<const network::Network> m_network;
    std::vector<exploration::Quantity> m_quantities;
    std::vector<Entry> m_entries;
};

}  // namespace bitloupe::ui
