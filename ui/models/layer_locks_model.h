// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/network/network.h"
#include "core/study/study_description.h"
#include "ui/models/table_columns.h"

namespace bitloupe::ui {

/// What each layer may use: the study's formats, or what it is locked to.
class LayerLocksModel : public TableColumns {
    Q_OBJECT

public:
    enum Column { Name, Weights, Activations };

    explicit LayerLocksModel(QObject* parent = nullptr);
    void set(std::shared_ptr<const network::Network> network,
             const study::StudyDescription& description);
    [[nodiscard]] QString layer(int row) const;
    /// The override of a side, empty when the layer follows the study.
    [[nodiscard]] std::vector<std::string> lock(int row, int column) const;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;

protected:
    [[nodiscard]] QString text(int row, int column) const override;
    [[nodiscard]] bool isText(int /*column*/) const override { return true; }
    [[nodiscard]] QVariant extra(const QModelIndex& index, int role) const override;

private:
    std::shared_ptr<const network::Network> m_network;
    study::StudyDescription m_description;
};

}  // namespace bitloupe::ui
