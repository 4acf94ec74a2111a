// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/exploration/design.h"
#include "core/network/network.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// What each layer of one design uses, and where another design differs from it.
class DesignLayersModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Weights, Activations, Macs };

    explicit DesignLayersModel(QObject* parent = nullptr);
    void setDesign(std::shared_ptr<const network::Network> network,
                   exploration::Assignment assignment);
    /// Schemes that differ from this one are written in bold, with both in the tool tip.
    void setComparison(exploration::Assignment assignment);
    void clear();
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] QString toolTip(int row, int column) const override;
    [[nodiscard]] bool isText(int column) const override { return column < Macs; }
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    [[nodiscard]] QString scheme(const exploration::Assignment& assignment, int row,
                                 int column) const;
    [[nodiscard]] bool differs(int row, int column) const;

    std::shared_ptr<const network::Network> m_network;
    exploration::Assignment m_assignment;
    exploration::Assignment m_comparison;
};

}  // namespace bitloupe::ui
