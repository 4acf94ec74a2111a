// SPDX-License-Identifier: Apache-2.0
#include "ui/models/design_layers_model.h"

#include <QFont>

#include "ui/theme/text_roles.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

DesignLayersModel::DesignLayersModel(QObject* parent)
    : TableColumns({tr("Layer"), tr("Weights"), tr("Activations"), tr("MACs")}, parent) {}

void DesignLayersModel::setDesign(std::shared_ptr<const network::Network> network,
                                  exploration::Assignment assignment) {
    if (network && network == m_network) {
        m_assignment = std::move(assignment);
        if (rowCount() > 0) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        }
        return;
    }
    beginResetModel();
    m_network = std::move(network);
    m_assignment = std::move(assignment);
    endResetModel();
}

void DesignLayersModel::setComparison(exploration::Assignment assignment) {
    m_comparison = std::move(assignment);
    if (rowCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1),
                           {Qt::FontRole, Qt::ToolTipRole});
    }
}

void DesignLayersModel::clear() {
    setDesign({}, {});
}

int DesignLayersModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_network ? 0 : static_cast<int>(m_network->layers.size());
}

QString DesignLayersModel::scheme(const exploration::Assignment& assignment, int row,
                                  int column) const {
    const auto place = static_cast<std::size_t>(row);
    if (place >= assignment.size()) {
        return {};
    }
    const auto& quantizer =
        column == Weights ? assignment[place].weights : assignment[place].activations;
    return quantizer ? QString::fromStdString(quantizer->name()) : tr("float32");
}

bool DesignLayersModel::differs(int row, int column) const {
    return (column == Weights || column == Activations) && !m_comparison.empty() &&
           scheme(m_comparison, row, column) != scheme(m_assignment, row, column);
}

QString DesignLayersModel::text(int row, int column) const {
    const network::Layer& layer = m_network->layers[static_cast<std::size_t>(row)];
    switch (column) {
        case Name:
            return QString::fromStdString(layer.name);
        case Macs:
            return wording::compact(static_cast<double>(layer.gemm.macs()));
        default:
            return scheme(m_assignment, row, column);
    }
}

QString DesignLayersModel::toolTip(int row, int column) const {
    if (differs(row, column)) {
        return tr("%1 here, %2 in the design compared with")
            .arg(scheme(m_assignment, row, column), scheme(m_comparison, row, column));
    }
    const auto place = static_cast<std::size_t>(row);
    const auto& weights = place < m_assignment.size() ? m_assignment[place].weights : std::nullopt;
    if (column == Weights && weights &&
        weights->pruning.pattern != quantization::Pruning::Pattern::None) {
        return tr("%1: %2 % of the weights are pruned, %3 bits are stored for each")
            .arg(scheme(m_assignment, row, column))
            .arg(100 * (1 - weights->pruning.density()))
            .arg(weights->storedBits());
    }
    const network::Layer& layer = m_network->layers[place];
    return tr("%1 %2: %3 parameters, %4 multiply-accumulates")
        .arg(QString::fromStdString(layer.operatorType), QString::fromStdString(layer.name),
             wording::count(static_cast<double>(layer.parameters)),
             wording::count(static_cast<double>(layer.gemm.macs())));
}

QVariant DesignLayersModel::extra(const QModelIndex& index, int role) const {
    if (role == Qt::FontRole && differs(index.row(), index.column())) {
        return fontOf(TextRole::Heading);
    }
    return {};
}

}  // namespace bitloupe::ui
