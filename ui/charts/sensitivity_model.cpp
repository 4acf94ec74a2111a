// SPDX-License-Identifier: Apache-2.0
#include "ui/charts/sensitivity_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/charts/csv.h"

namespace bitloupe::charts {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

SensitivityModel::SensitivityModel(QObject* parent) : QAbstractTableModel(parent) {}

void SensitivityModel::setFrame(const SensitivityFrame& frame) {
    beginResetModel();
    m_frame = frame;
    const auto places =
        std::size_t(rowsOf(false) + rowsOf(true)) * std::size_t(frame.formats.size());
    m_cells.assign(places, {0, false, 0, kMissing, kMissing, kMissing});
    m_measured.assign(places, false);
    m_chosenWeights.clear();
    m_chosenActivations.clear();
    fitScale(false);
    endResetModel();
}

const QStringList& SensitivityModel::names(bool activations) const {
    return activations && m_frame.activationRows ? *m_frame.activationRows : m_frame.layers;
}

int SensitivityModel::blockOf(bool activations) const {
    return names(activations).isEmpty() ? 0 : rowsOf(activations) + 1;
}

std::size_t SensitivityModel::place(const Cell& cell) const {
    const int row = cell.layer + (cell.activations ? rowsOf(false) : 0);
    return std::size_t(row) * std::size_t(m_frame.formats.size()) + std::size_t(cell.format);
}

void SensitivityModel::addEntries(std::span<const SensitivityEntry> entries) {
    std::vector<QModelIndex> changed;
    for (const SensitivityEntry& entry : entries) {
        const bool inside = entry.layer >= 0 && entry.layer < rowsOf(entry.activations) &&
                            entry.format >= 0 && entry.format < m_frame.formats.size();
        if (inside) {
            const Cell cell{entry.layer, entry.activations, entry.format};
            m_cells[place(cell)] = entry;
            m_measured[place(cell)] = true;
            changed.push_back(indexOf(cell));
        }
    }
    if (fitScale(true)) {
        allChanged({});
        return;
    }
    for (const QModelIndex& index : changed) {
        Q_EMIT dataChanged(index, index);
    }
}

void SensitivityModel::setQuantity(SensitivityQuantity quantity) {
    if (quantity != m_quantity) {
        m_quantity = quantity;
        fitScale(false);
        allChanged({});
    }
}

void SensitivityModel::setChosen(const std::vector<int>& weights,
                                 const std::vector<int>& activations) {
    m_chosenWeights = weights;
    m_chosenActivations = activations;
    allChanged({ChosenRole});
}

void SensitivityModel::allChanged(const QList<int>& roles) {
    if (rowCount() > 0 && columnCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), roles);
    }
}

const AxisDescription& SensitivityModel::axis() const {
    switch (m_quantity) {
        case SensitivityQuantity::Kl:
            return m_frame.kl;
        case SensitivityQuantity::SqnrDb:
            return m_frame.sqnrDb;
        case SensitivityQuantity::Metric:
            break;
    }
    return m_frame.metric;
}

double SensitivityModel::valueOf(const SensitivityEntry& entry) const {
    switch (m_quantity) {
        case SensitivityQuantity::Kl:
            return entry.kl;
        case SensitivityQuantity::SqnrDb:
            return entry.sqnrDb;
        case SensitivityQuantity::Metric:
            break;
    }
    return entry.metric;
}

double SensitivityModel::value(const Cell& cell) const {
    return valueOf(m_cells[place(cell)]);
}

bool SensitivityModel::fitScale(bool grow) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    const AxisScale shape(axis().scale, 1, 10);
    for (const SensitivityEntry& entry : m_cells) {
        const double shown = valueOf(entry);
        if (std::isfinite(shape.toLinear(shown))) {
            low = std::min(low, shown);
            high = std::max(high, shown);
        }
    }
    const bool first = std::count(m_measured.begin(), m_measured.end(), true) == 0;
    const AxisScale before = m_scale;
    const bool fresh = !grow || first || before.kind() != axis().scale || !m_scaleFitted;
    m_scale = fresh ? roundScale(axis(), low, high) : grownScale(axis(), before, low, high);
    m_scaleFitted = low <= high;
    return !(m_scale == before);
}

int SensitivityModel::measuredCells() const {
    return int(std::count(m_measured.begin(), m_measured.end(), true));
}

bool SensitivityModel::isChosen(const Cell& cell) const {
    const std::vector<int>& chosen = cell.activations ? m_chosenActivations : m_chosenWeights;
    return std::size_t(cell.layer) < chosen.size() &&
           chosen[std::size_t(cell.layer)] == cell.format;
}

QString SensitivityModel::describe(const Cell& cell) const {
    const QString where =
        (cell.activations ? tr("%1 activations in %2") : tr("%1 weights in %2"))
            .arg(names(cell.activations)[cell.layer], m_frame.formats[cell.format]);
    if (!m_measured[place(cell)]) {
        return tr("%1: not measured yet").arg(where);
    }
    return QStringLiteral("%1: %2").arg(where, axis().describe(value(cell)));
}

QString SensitivityModel::summary() const {
    const int all = int(m_cells.size());
    QString text = tr("%1 of %2 cells measured.").arg(measuredCells()).arg(all);
    std::optional<Cell> worst;
    for (int row = 0; m_frame.isRanked && row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            const std::optional<Cell> cell = cellAt(index(row, column));
            if (!cell.has_value() || std::isnan(value(*cell))) {
                continue;
            }
            const bool worse = !worst.has_value() ||
                               (axis().better == Better::Lower ? value(*cell) > value(*worst)
                                                               : value(*cell) < value(*worst));
            worst = worse ? cell : worst;
        }
    }
    return worst.has_value() ? text + tr(" Most sensitive: %1.").arg(describe(*worst)) : text;
}

QString SensitivityModel::csv() const {
    QString text =
        csvRow(QStringList{QStringLiteral("layer"), QStringLiteral("side")} + m_frame.formats);
    for (const bool activations : {false, true}) {
        for (int layer = 0; layer < rowsOf(activations); ++layer) {
            QStringList row = {names(activations)[layer], activations
                                                              ? QStringLiteral("activations")
                                                              : QStringLiteral("weights")};
            for (int format = 0; format < columnCount(); ++format) {
                row << csvNumber(value({layer, activations, format}));
            }
            text += csvRow(row);
        }
    }
    return text;
}

std::optional<SensitivityModel::Cell> SensitivityModel::cellAt(const QModelIndex& index) const {
    if (!index.isValid()) {
        return std::nullopt;
    }
    const bool activations = index.row() >= blockOf(false);
    const int row = index.row() - (activations ? blockOf(false) : 0) - 1;
    return row < 0 ? std::nullopt : std::optional<Cell>({row, activations, index.column()});
}

QModelIndex SensitivityModel::indexOf(const Cell& cell) const {
    return index(cell.layer + 1 + (cell.activations ? blockOf(false) : 0), cell.format);
}

int SensitivityModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : blockOf(false) + blockOf(true);
}

int SensitivityModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(m_frame.formats.size());
}

QVariant SensitivityModel::data(const QModelIndex& index, int role) const {
    const std::optional<Cell> cell = cellAt(index);
    if (!cell.has_value()) {
        return role == HeadingRole ? QVariant(index.isValid()) : QVariant();
    }
    switch (role) {
        case ValueRole:
            return value(*cell);
        case ShareRole:
            return m_scale.toUnit(value(*cell));
        case ChosenRole:
            return isChosen(*cell);
        case HeadingRole:
            return false;
        case Qt::DisplayRole:
            return m_measured[place(*cell)] ? readableNumber(value(*cell), {}, 3) : QString();
        case Qt::ToolTipRole:
        case Qt::AccessibleTextRole:
            return describe(*cell);
        default:
            return {};
    }
}

QVariant SensitivityModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || section < 0) {
        return {};
    }
    if (orientation == Qt::Horizontal) {
        return section < m_frame.formats.size() ? m_frame.formats[section] : QVariant();
    }
    const bool activations = section >= blockOf(false);
    const int row = section - (activations ? blockOf(false) : 0) - 1;
    if (row < 0) {
        return activations ? tr("Activations") : tr("Weights");
    }
    return row < rowsOf(activations) ? names(activations)[row] : QVariant();
}

Qt::ItemFlags SensitivityModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) {
        return Qt::NoItemFlags;
    }
    return cellAt(index).has_value()
               ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
               : Qt::ItemFlags(Qt::ItemNeverHasChildren);
}

}  // namespace bitloupe::charts
