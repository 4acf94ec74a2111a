// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/network/network.h"
#include "ui/models/accelerator_study.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// What each layer of a network costs on one accelerator, by the physical model.
class LayerCostsModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Product, Cycles, Waiting, Share, Utilization, Limit, Roofline };
    enum Roles { ShareRole = Qt::UserRole };  ///< of the whole network's cycles, 0..1

    explicit LayerCostsModel(QObject* parent = nullptr);
    /// Nothing empties the table.
    void set(std::shared_ptr<const AcceleratorStudy> study);
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] QString toolTip(int row, int column) const override;
    [[nodiscard]] bool isText(int column) const override {
        return column == Name || column == Limit;
    }
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    [[nodiscard]] const hardware::LayerCost& cost(int row) const;
    [[nodiscard]] double share(int row) const;

    std::shared_ptr<const AcceleratorStudy> m_study;
};

/// The matrix products of a network, layer by layer.
[[nodiscard]] std::vector<hardware::Gemm> gemmsOf(const network::Network& network);

}  // namespace bitloupe::ui
