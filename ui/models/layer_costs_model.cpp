// SPDX-License-Identifier: Apache-2.0
#include "ui/models/layer_costs_model.h"

#include <QLocale>

#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

QString limitWords(hardware::Bottleneck bottleneck) {
    switch (bottleneck) {
        case hardware::Bottleneck::Compute:
            return LayerCostsModel::tr("multiplies");
        case hardware::Bottleneck::IdleArray:
            return LayerCostsModel::tr("idle rows and columns");
        case hardware::Bottleneck::FillAndDrain:
            return LayerCostsModel::tr("fill and drain");
        case hardware::Bottleneck::IfmapBandwidth:
            return LayerCostsModel::tr("input bandwidth");
        case hardware::Bottleneck::FilterBandwidth:
            return LayerCostsModel::tr("weight bandwidth");
        case hardware::Bottleneck::OfmapBandwidth:
            return LayerCostsModel::tr("output bandwidth");
        case hardware::Bottleneck::VectorUnit:
            return LayerCostsModel::tr("vector unit");
    }
    return {};
}

}  // namespace

std::vector<hardware::Gemm> gemmsOf(const network::Network& network) {
    std::vector<hardware::Gemm> gemms;
    gemms.reserve(network.layers.size());
    for (const network::Layer& layer : network.layers) {
        gemms.push_back(layer.gemm);
    }
    return gemms;
}

LayerCostsModel::LayerCostsModel(QObject* parent)
    : TableColumns({tr("Layer"), tr("m × k × n"), tr("Cycles"), tr("Waiting"), tr("Share (%)"),
                    tr("Used (%)"), tr("Limited by"), tr("× roofline")},
                   parent) {}

void LayerCostsModel::set(std::shared_ptr<const AcceleratorStudy> study) {
    beginResetModel();
    m_study = std::move(study);
    endResetModel();
}

int LayerCostsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_study ? 0 : static_cast<int>(m_study->workloads.size());
}

const hardware::LayerCost& LayerCostsModel::cost(int row) const {
    return m_study->cost.layers[static_cast<std::size_t>(row)];
}

double LayerCostsModel::share(int row) const {
    return m_study->cost.cycles > 0
               ? static_cast<double>(cost(row).cycles) / static_cast<double>(m_study->cost.cycles)
               : 0;
}

QString LayerCostsModel::text(int row, int column) const {
    const hardware::Workload& workload = m_study->workloads[static_cast<std::size_t>(row)];
    const auto count = [](std::int64_t value) {
        return wording::count(static_cast<double>(value));
    };
    const auto percentage = [](double share) {
        return wording::value(exploration::QuantityId::Utilization, share);
    };
    switch (column) {
        case Name:
            return QString::fromStdString(workload.name);
        case Product:
            return wording::shape({workload.gemm.m, workload.gemm.k, workload.gemm.n});
        case Cycles:
            return count(cost(row).cycles);
        case Waiting:
            return count(cost(row).stallCycles());
        case Share:
            return percentage(share(row));
        case Utilization:
            return percentage(cost(row).utilization);
        case Limit:
            return limitWords(cost(row).bottleneck);
        default:
            return QLocale().toString(cost(row).rooflineDistance(), 'f', 2);
    }
}

QString LayerCostsModel::toolTip(int row, int /*column*/) const {
    const hardware::Mapping& mapping = cost(row).mapping;
    return tr("%1 elements along the rows in %2 folds, %3 along the columns in %4 folds, "
              "%5 cycles a fold; %6 bytes from and to DRAM")
        .arg(mapping.spatialRows)
        .arg(mapping.rowFolds)
        .arg(mapping.spatialColumns)
        .arg(mapping.columnFolds)
        .arg(mapping.cyclesPerFold)
        .arg(wording::count(cost(row).dram.total()));
}

QVariant LayerCostsModel::extra(const QModelIndex& index, int role) const {
    if (role == ShareRole) {
        return share(index.row());
    }
    if (role == kBarRole && index.column() == Utilization) {
        return cost(index.row()).utilization;
    }
    return {};
}

}  // namespace bitloupe::ui
