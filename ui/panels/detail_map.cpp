// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/detail_map.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/bridge/study_document.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/charts/study_charts.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using charts::SensitivityEntry;
using charts::SensitivityModel;
using exploration::Side;

}  // namespace

DetailMap::DetailMap(StudyDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_heatmap(new charts::SensitivityHeatmap(m_model, this)),
      m_explanation(makeSentence({}, TextRole::Muted, this)),
      m_measure(new QPushButton(this)),
      m_cell(makeSentence({}, TextRole::Body, this)) {
    for (QHeaderView* header :
         {m_heatmap->table().verticalHeader(), m_heatmap->table().horizontalHeader()}) {
        header->viewport()->setBackgroundRole(QPalette::Base);  // as the paper around it
    }
    auto* head = new QHBoxLayout;
    head->setSpacing(kGrid);
    head->addWidget(m_explanation, 1);
    head->addWidget(m_measure, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addLayout(head);
    column->addWidget(m_heatmap, 1);
    column->addWidget(m_cell);
    connect(m_measure, &QPushButton::clicked, this, &DetailMap::measure);
    connect(m_heatmap, &charts::SensitivityHeatmap::cellHovered, this, &DetailMap::describeCell);
    connect(m_heatmap, &charts::SensitivityHeatmap::cellClicked, this,
            [this](const SensitivityModel::Cell& cell) {
                describeCell(cell);
                const int layer = m_kind == Kind::Channels ? m_layer : cell.layer - 1;
                if (layer >= 0) {
                    Q_EMIT cellChosen({layer, cell.activations, cell.format});
                }
            });
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &DetailMap::take);
    connect(&document, &StudyDocument::busyChanged, this, &DetailMap::refreshState);
    connect(&document, &StudyDocument::loadedChanged, this, &DetailMap::refreshState);
}

QString DetailMap::sentence() const {
    return m_cell->text();
}

QString DetailMap::explanation() const {
    return m_explanation->text();
}

bool DetailMap::isKnownLayer() const {
    const auto& network = m_document.shown().network;
    return network && m_layer >= 0 && static_cast<std::size_t>(m_layer) < network->layers.size();
}

QString DetailMap::layerName() const {
    return isKnownLayer() ? m_frame.layers.value(m_layer) : QString();
}

int DetailMap::columnOf(const quantization::Quantizer& quantizer) const {
    return static_cast<int>(m_frame.formats.indexOf(QString::fromStdString(quantizer.name())));
}

std::size_t DetailMap::cellsOf(const Snapshot& snapshot) const {
    return m_kind == Kind::Channels ? snapshot.channels.size() : snapshot.leaveOneInFloat.size();
}

void DetailMap::setKind(Kind kind) {
    if (kind != m_kind) {
        m_kind = kind;
        startOver();
    }
}

void DetailMap::setFrame(const charts::SensitivityFrame& frame) {
    m_frame = frame;
    startOver();
}

void DetailMap::setLayer(int layer) {
    if (layer != m_layer) {
        m_layer = layer;
        if (m_kind == Kind::Channels) {
            startOver();
        }
    }
}

void DetailMap::setChosen(const std::vector<int>& weights, const std::vector<int>& activations) {
    m_chosenWeights = weights;
    m_chosenActivations = activations;
    refreshChosen();
}

void DetailMap::startOver() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    charts::SensitivityFrame frame = m_frame;
    if (m_kind == Kind::LeaveOneInFloat && !frame.layers.isEmpty()) {
        frame.layers.prepend(tr("(none)"));
        frame.isRanked = false;  // formats do not compare: each has a yardstick of its own
    } else if (isKnownLayer()) {
        const std::vector<network::Layer>& layers = m_document.shown().network->layers;
        const auto layer = static_cast<std::size_t>(m_layer);
        m_rows = ChannelRows(layers, channelMapOf(layers[layer], layer), snapshot.channels);
        frame.layers = m_rows.names(Side::Weights);
        frame.activationRows = m_rows.names(Side::Activations);
    } else {
        frame = {};
    }
    m_model.setFrame(frame);
    m_heatmap->table().setAccessibleName(
        m_kind == Kind::Channels
            ? tr("Sensitivity of the channels of %1 to formats").arg(layerName())
            : tr("All layers but one quantized"));
    m_cell->clear();
    m_seen = 0;
    addCells(snapshot);
    refreshChosen();
    refreshState();
}

void DetailMap::take(const SnapshotPointer& snapshot) {
    if (cellsOf(*snapshot) > m_seen) {
        if (m_kind == Kind::Channels && isKnownLayer()) {
            const std::vector<network::Layer>& layers = m_document.shown().network->layers;
            const auto layer = static_cast<std::size_t>(m_layer);
            if (m_rows !=
                ChannelRows(layers, channelMapOf(layers[layer], layer), snapshot->channels)) {
                startOver();  // groups of another size arrive
                return;
            }
        }
        addCells(*snapshot);
    }
    refreshState();
}

void DetailMap::addCells(const Snapshot& snapshot) {
    const exploration::QuantityId metric = exploration::metricAmong(snapshot.objectives);
    std::vector<SensitivityEntry> entries;
    const std::size_t count = cellsOf(snapshot);
    for (; m_seen < count; ++m_seen) {
        if (m_kind == Kind::LeaveOneInFloat) {
            const auto& cell = snapshot.leaveOneInFloat[m_seen];
            entries.push_back({cell.layer ? static_cast<int>(*cell.layer) + 1 : 0,
                               cell.side == Side::Activations, columnOf(cell.quantizer),
                               charts::shownValue(metric, cell.measured.metric), cell.measured.kl,
                               std::nan("")});
            continue;
        }
        const exploration::ChannelCell& cell = snapshot.channels[m_seen];
        entries.push_back(
            {m_rows.rowOf(cell.probe.channels), cell.probe.channels.side == Side::Activations,
             columnOf(cell.probe.quantizer), charts::shownValue(metric, cell.measured.metric),
             cell.measured.kl, cell.sqnrDb});
    }
    m_model.addEntries(entries);
}

void DetailMap::refreshChosen() {
    if (m_kind == Kind::Channels) {
        const auto column = [this](const std::vector<int>& byLayer, Side side) {
            const auto layer = static_cast<std::size_t>(m_layer);
            return std::vector<int>(static_cast<std::size_t>(m_rows.names(side).size()),
                                    layer < byLayer.size() ? byLayer[layer] : -1);
        };
        m_model.setChosen(column(m_chosenWeights, Side::Weights),
                          column(m_chosenActivations, Side::Activations));
        return;
    }
    const auto behindYardstick = [](std::vector<int> byLayer) {
        byLayer.insert(byLayer.begin(), -1);
        return byLayer;
    };
    m_model.setChosen(behindYardstick(m_chosenWeights), behindYardstick(m_chosenActivations));
}

void DetailMap::refreshState() {
    const QString measured = m_model.summary();
    if (m_kind == Kind::Channels) {
        m_explanation->setText(
            m_model.rowCount() == 0
                ? tr("%1 has no channels that are rounded.").arg(layerName())
                : tr("Output channels of the weights and input channels of the activations of %1, "
                     "each alone in each format. %2")
                      .arg(layerName(), measured));
        m_measure->setText(tr("&Measure the channels of %1").arg(layerName()));
    } else {
        m_explanation->setText(tr("Every layer in the format but this one, which stays in float: "
                                  "what it wins over “(none)” is what quantizing it costs. %1")
                                   .arg(measured));
        m_measure->setText(tr("&Measure with one layer in float"));
    }
    m_measure->setVisible(m_model.rowCount() > 0);
    m_measure->setEnabled(m_document.canStart());
    m_measure->setToolTip(m_document.bridge().isBusy() ? tr("Wait until the run has ended.")
                                                       : QString());
}

void DetailMap::measure() {
    if (m_kind == Kind::LeaveOneInFloat) {
        m_document.measureLeaveOneInFloat();
    } else if (isKnownLayer()) {
        const auto layer = static_cast<std::size_t>(m_layer);
        m_document.measureChannels(channelMapOf(m_document.shown().network->layers[layer], layer));
    }
}

void DetailMap::describeCell(const SensitivityModel::Cell& cell) {
    const QString side = cell.activations ? tr("activations") : tr("weights");
    const QString format = m_frame.formats.value(cell.format);
    const QString row =
        m_model.headerData(m_model.indexOf(cell).row(), Qt::Vertical, Qt::DisplayRole).toString();
    const QString where =
        m_kind == Kind::Channels ? tr("%1 of %2, %3, in %4")
                                       .arg(cell.activations ? tr("Activations") : tr("Weights"),
                                            layerName(), row, format)
        : cell.layer == 0 ? tr("The %1 of all layers in %2").arg(side, format)
                          : tr("The %1 of all layers but %2 in %3").arg(side, row, format);
    m_cell->setText(QStringLiteral("%1: %2").arg(where, figures(cell)));
}

QString DetailMap::figures(const SensitivityModel::Cell& cell) const {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const exploration::QuantityId metric = exploration::metricAmong(snapshot.objectives);
    const auto words = [metric](const exploration::Measurement& measured) {
        return tr("%1 %2, KL %3 nat")
            .arg(wording::valueWithUnit(metric, measured.metric),
                 wording::halfWidth(metric, measured),
                 wording::value(exploration::QuantityId::Kl, measured.kl));
    };
    const Side side = cell.activations ? Side::Activations : Side::Weights;
    for (const exploration::ChannelCell& known : snapshot.channels) {
        const exploration::ChannelGroup& group = known.probe.channels;
        if (m_kind == Kind::Channels && static_cast<int>(group.layer) == m_layer &&
            group.side == side && m_rows.rowOf(group) == cell.layer &&
            columnOf(known.probe.quantizer) == cell.format) {
            return std::isnan(known.sqnrDb)
                       ? words(known.measured)
                       : tr("%1, signal to rounding noise %2 dB")
                             .arg(words(known.measured), QLocale().toString(known.sqnrDb, 'f', 1));
        }
    }
    for (const exploration::LeaveOneInFloatCell& known : snapshot.leaveOneInFloat) {
        if (m_kind == Kind::LeaveOneInFloat &&
            (known.layer ? static_cast<int>(*known.layer) + 1 : 0) == cell.layer &&
            known.side == side && columnOf(known.quantizer) == cell.format) {
            return words(known.measured) + gain(cell);
        }
    }
    return tr("not measured");
}

QString DetailMap::gain(const SensitivityModel::Cell& cell) const {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const exploration::QuantityId metric = exploration::metricAmong(snapshot.objectives);
    const exploration::LeaveOneInFloatCell* yardstick = nullptr;
    const exploration::LeaveOneInFloatCell* own = nullptr;
    for (const exploration::LeaveOneInFloatCell& known : snapshot.leaveOneInFloat) {
        if ((known.side == Side::Activations) == cell.activations &&
            columnOf(known.quantizer) == cell.format) {
            if (!known.layer) {
                yardstick = &known;
            } else if (static_cast<int>(*known.layer) + 1 == cell.layer) {
                own = &known;
            }
        }
    }
    return yardstick && own
               ? tr(", %1 against all layers quantized")
                     .arg(wording::change(metric, own->measured.metric, yardstick->measured.metric))
               : QString();
}

}  // namespace bitloupe::ui
