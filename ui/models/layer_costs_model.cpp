// SPDX-License-Identifier: Apache-2.0
#include "ui/models/layer_costs_model.h"

#include "core/hardware/cost.h"
#include "core/hardware/mapping.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

std::vector<hardware::Gemm> gemmsOf(const network::Network& network) {
    std::vector<hardware::Gemm> gemms;
    gemms.reserve(network.layers.size());
    for (const network::Layer& layer : network.layers) {
        gemms.push_back(layer.gemm);
    }
    return gemms;
}

LayerCostsModel::LayerCostsModel(QObject* parent)
    : TableColumns({tr("Layer"), tr("m × k × n"), tr("Folds"), tr("Cycles"), tr("Share (%)"),
                    tr("Utilization (%)")},
                   parent) {}

void LayerCostsModel::set(std::shared_ptr<const network::Network> network,
                          const hardware::Accelerator& accelerator) {
    beginResetModel();
    m_network = std::move(network);
    m_accelerator = accelerator;
    m_totalCycles =
        m_network ? static_cast<double>(hardware::computeCycles(gemmsOf(*m_network), accelerator))
                  : 0;
    endResetModel();
}

int LayerCostsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_network ? 0 : static_cast<int>(m_network->layers.size());
}

const hardware::Gemm& LayerCostsModel::gemm(int row) const {
    return m_network->layers[static_cast<std::size_t>(row)].gemm;
}

double LayerCostsModel::share(int row) const {
    return m_totalCycles > 0
               ? static_cast<double>(hardware::computeCycles(gemm(row), m_accelerator)) /
                     m_totalCycles
               : 0;
}

QString LayerCostsModel::text(int row, int column) const {
    switch (column) {
        case Name:
            return QString::fromStdString(m_network->layers[static_cast<std::size_t>(row)].name);
        case Product:
            return wording::shape({gemm(row).m, gemm(row).k, gemm(row).n});
        case Folds:
            return wording::count(static_cast<double>(
                hardware::mapGemm(gemm(row), m_accelerator).folds() * gemm(row).count));
        case Cycles:
            return wording::count(
                static_cast<double>(hardware::computeCycles(gemm(row), m_accelerator)));
        case Share:
            return wording::value(exploration::QuantityId::Utilization, share(row));
        default:
            return wording::value(exploration::QuantityId::Utilization,
                                  hardware::utilization(gemm(row), m_accelerator));
    }
}

QString LayerCostsModel::toolTip(int row, int /*column*/) const {
    const hardware::Mapping mapping = hardware::mapGemm(gemm(row), m_accelerator);
    return tr("%1 elements along the rows in %2 folds, %3 along the columns in %4 folds, "
              "%5 cycles a fold")
        .arg(mapping.spatialRows)
        .arg(mapping.rowFolds)
        .arg(mapping.spatialColumns)
        .arg(mapping.columnFolds)
        .arg(mapping.cyclesPerFold);
}

QVariant LayerCostsModel::extra(const QModelIndex& index, int role) const {
    return role == ShareRole ? QVariant(share(index.row())) : QVariant();
}

}  // namespace bitloupe::ui
