// SPDX-License-Identifier: Apache-2.0
#include "ui/models/network_layers_model.h"

#include "ui/theme/wording.h"

namespace bitloupe::ui {

NetworkLayersModel::NetworkLayersModel(QObject* parent)
    : TableColumns({tr("Layer"), tr("Operator"), tr("Output"), tr("Parameters"), tr("MACs"),
                    tr("Product m × k × n")},
                   parent) {}

void NetworkLayersModel::setNetwork(std::shared_ptr<const network::Network> network) {
    if (m_network == network) {
        return;
    }
    beginResetModel();
    m_network = std::move(network);
    endResetModel();
}

int NetworkLayersModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_network ? 0 : static_cast<int>(m_network->layers.size());
}

QString NetworkLayersModel::text(int row, int column) const {
    const network::Layer& layer = m_network->layers[static_cast<std::size_t>(row)];
    switch (column) {
        case Name:
            return QString::fromStdString(layer.name);
        case Operator:
            return QString::fromStdString(layer.operatorType);
        case Output:
            return wording::shape(
                {layer.outputShape.begin() + (layer.outputShape.size() > 1 ? 1 : 0),
                 layer.outputShape.end()});
        case Parameters:
            return wording::count(static_cast<double>(layer.parameters));
        case Macs:
            return wording::count(static_cast<double>(layer.gemm.macs()));
        default: {
            const QString product = wording::shape({layer.gemm.m, layer.gemm.k, layer.gemm.n});
            return layer.gemm.count == 1 ? product
                                         : tr("%1 · %2 times").arg(product).arg(layer.gemm.count);
        }
    }
}

QString NetworkLayersModel::toolTip(int row, int /*column*/) const {
    return QString::fromStdString(m_network->layers[static_cast<std::size_t>(row)].remark);
}

}  // namespace bitloupe::ui
