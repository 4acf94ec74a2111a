// SPDX-License-Identifier: Apache-2.0
#include "ui/models/comparison_model.h"

#include <QFont>
#include <QLocale>
#include <cmath>

#include "ui/theme/text_roles.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

constexpr double kFloatBits = 32;

const std::optional<quantization::Quantizer>* sideOf(const exploration::Assignment& assignment,
                                                     std::size_t layer, bool weights) {
    if (layer >= assignment.size()) {
        return nullptr;
    }
    return weights ? &assignment[layer].weights : &assignment[layer].activations;
}

double bitsOf(const std::optional<quantization::Quantizer>* side) {
    return side && *side ? (*side)->storedBits() : kFloatBits;
}

}  // namespace

ComparisonModel::ComparisonModel(QObject* parent) : TableColumns({QString()}, parent) {}

void ComparisonModel::set(std::shared_ptr<const network::Network> network,
                          std::vector<exploration::Quantity> quantities,
                          std::vector<Entry> entries) {
    beginResetModel();
    m_network = std::move(network);
    m_quantities = std::move(quantities);
    m_entries = std::move(entries);
    QStringList names = {QString()};
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const std::int64_t id = m_entries[i].evaluation.id;
        names << (id > 0 ? tr("Design %1").arg(id) : tr("float"));
        if (i > 0) {
            names << tr("difference");
        }
    }
    setColumns(names);
    endResetModel();
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_network || m_entries.empty()
               ? 0
               : static_cast<int>(m_quantities.size() + 2 * m_network->layers.size());
}

ComparisonModel::LayerRow ComparisonModel::layerRow(int row) const {
    const auto place = static_cast<std::size_t>(row) - m_quantities.size();
    return {place / 2, place % 2 == 0};
}

QString ComparisonModel::format(const Entry& entry, const LayerRow& row) const {
    const auto* side = sideOf(entry.assignment, row.layer, row.weights);
    return side && *side ? QString::fromStdString((*side)->name()) : tr("float32");
}

QString ComparisonModel::difference(const Entry& entry, int row) const {
    if (static_cast<std::size_t>(row) < m_quantities.size()) {
        const exploration::QuantityId id = m_quantities[static_cast<std::size_t>(row)].id;
        return wording::change(id, entry.evaluation.value(id),
                               m_entries.front().evaluation.value(id));
    }
    const LayerRow place = layerRow(row);
    const double bits = bitsOf(sideOf(entry.assignment, place.layer, place.weights)) -
                        bitsOf(sideOf(m_entries.front().assignment, place.layer, place.weights));
    if (bits == 0) {
        return format(entry, place) == format(m_entries.front(), place) ? QString() : tr("other");
    }
    const QString number = QLocale().toString(std::abs(bits), 'g', 3);
    return bits > 0 ? tr("+%1 bit").arg(number) : tr("−%1 bit").arg(number);
}

QString ComparisonModel::text(int row, int column) const {
    const bool isQuantity = static_cast<std::size_t>(row) < m_quantities.size();
    if (column == 0) {
        if (isQuantity) {
            return QString::fromStdString(m_quantities[static_cast<std::size_t>(row)].label);
        }
        const LayerRow place = layerRow(row);
        const QString layer = QString::fromStdString(m_network->layers[place.layer].name);
        return place.weights ? tr("%1, weights").arg(layer) : tr("%1, activations").arg(layer);
    }
    // Baseline, then a design and its differences in turns.
    const Entry& entry = m_entries[static_cast<std::size_t>(column / 2)];
    if (column >= 3 && column % 2 == 1) {
        return difference(entry, row);
    }
    if (!isQuantity) {
        return format(entry, layerRow(row));
    }
    const exploration::QuantityId id = m_quantities[static_cast<std::size_t>(row)].id;
    return wording::valueWithUnit(id, entry.evaluation.value(id));
}

QVariant ComparisonModel::extra(const QModelIndex& index, int role) const {
    const bool isLayer = static_cast<std::size_t>(index.row()) >= m_quantities.size();
    if (role == Qt::FontRole && isLayer && index.column() > 1 && index.column() % 2 == 0 &&
        !difference(m_entries[static_cast<std::size_t>(index.column() / 2)], index.row())
             .isEmpty()) {
        return fontOf(TextRole::Heading);
    }
    return {};
}

}  // namespace bitloupe::ui
