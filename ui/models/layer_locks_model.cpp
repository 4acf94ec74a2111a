// SPDX-License-Identifier: Apache-2.0
#include "ui/models/layer_locks_model.h"

#include "ui/theme/text_roles.h"

namespace bitloupe::ui {

LayerLocksModel::LayerLocksModel(QObject* parent)
    : TableColumns({tr("Layer"), tr("Weights"), tr("Activations")}, parent) {}

void LayerLocksModel::set(std::shared_ptr<const network::Network> network,
                          const study::StudyDescription& description) {
    m_description = description;
    if (m_network == network) {
        if (rowCount() > 0) {
            Q_EMIT dataChanged(index(0, Weights), index(rowCount() - 1, Activations));
        }
        return;
    }
    beginResetModel();
    m_network = std::move(network);
    endResetModel();
}

QString LayerLocksModel::layer(int row) const {
    return QString::fromStdString(m_network->layers[static_cast<std::size_t>(row)].name);
}

std::vector<std::string> LayerLocksModel::lock(int row, int column) const {
    const auto found = m_description.layers.find(layer(row).toStdString());
    if (found == m_description.layers.end() || column == Name) {
        return {};
    }
    return column == Weights ? found->second.weights : found->second.activations;
}

int LayerLocksModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_network ? 0 : static_cast<int>(m_network->layers.size());
}

QString LayerLocksModel::text(int row, int column) const {
    if (column == Name) {
        return layer(row);
    }
    const std::vector<std::string> locked = lock(row, column);
    if (!locked.empty()) {
        QStringList names;
        for (const std::string& name : locked) {
            names << QString::fromStdString(name);
        }
        return names.join(QStringLiteral(", "));
    }
    const std::size_t count =
        column == Weights ? m_description.weights.size() : m_description.activations.size();
    return count == 0 ? tr("float") : tr("all %1 ticked").arg(count);
}

QVariant LayerLocksModel::extra(const QModelIndex& index, int role) const {
    if (role == Qt::FontRole && !lock(index.row(), index.column()).empty()) {
        return fontOf(TextRole::Heading);
    }
    return {};
}

}  // namespace bitloupe::ui
