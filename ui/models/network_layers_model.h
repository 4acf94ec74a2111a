// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/network/network.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// The layers of a network: operator, shapes, parameters, multiply-accumulates, matrix product.
class NetworkLayersModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Operator, Output, Parameters, Macs, Product };

    explicit NetworkLayersModel(QObject* parent = nullptr);
    void setNetwork(std::shared_ptr<const network::Network> network);
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] QString toolTip(int row, int column) const override;
    [[nodiscard]] bool isText(int column) const override { return column <= Operator; }

private:
    std::shared_ptr<const network::Network> m_network;
};

}  // namespace bitloupe::ui
