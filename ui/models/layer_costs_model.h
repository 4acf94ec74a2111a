// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/hardware/accelerator.h"
#include "core/network/network.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// Cycles and utilization of each layer on one array, stall-free and counted.
class LayerCostsModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Product, Folds, Cycles, Share, Utilization };
    enum Roles { ShareRole = Qt::UserRole };  ///< of the whole network's cycles, 0..1

    explicit LayerCostsModel(QObject* parent = nullptr);
    void set(std::shared_ptr<const network::Network> network,
             const hardware::Accelerator& accelerator);
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] QString toolTip(int row, int column) const override;
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    [[nodiscard]] const hardware::Gemm& gemm(int row) const;
    [[nodiscard]] double share(int row) const;

    std::shared_ptr<const network::Network> m_network;
    hardware::Accelerator m_accelerator;
    double m_totalCycles = 0;
};

/// The matrix products of a network, layer by layer.
[[nodiscard]] std::vector<hardware::Gemm> gemmsOf(const network::Network& network);

}  // namespace bitloupe::ui
