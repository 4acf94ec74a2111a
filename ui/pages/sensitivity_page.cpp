// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/sensitivity_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/bridge/study_document.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/charts/study_charts.h"
#include "ui/models/selection.h"
#include "ui/panels/network_graph_panel.h"
#include "ui/panels/weight_line.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using charts::SensitivityModel;
using charts::SensitivityQuantity;
using quantization::Quantizer;

/// Every format of the space, from fine to coarse.
QStringList formatsOf(const exploration::DesignSpace& space) {
    std::vector<Quantizer> formats;
    const auto add = [&formats](const std::vector<Quantizer>& choices) {
        for (const Quantizer& choice : choices) {
            if (std::find(formats.begin(), formats.end(), choice) == formats.end()) {
                formats.push_back(choice);
            }
        }
    };
    for (const exploration::LayerChoices& layer : space.layers()) {
        add(layer.weights);
        add(layer.activations);
    }
    std::stable_sort(formats.begin(), formats.end(), [](const Quantizer& a, const Quantizer& b) {
        return a.format.bitsPerValue() > b.format.bitsPerValue();
    });
    QStringList names;
    for (const Quantizer& format : formats) {
        names << QString::fromStdString(format.name());
    }
    return names;
}

}  // namespace

SensitivityPage::SensitivityPage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_heatmap(new charts::SensitivityHeatmap(m_model, this)),
      m_quantity(new QComboBox(this)),
      m_summary(makeSentence({}, TextRole::Muted, this)),
      m_empty(makeSentence({}, TextRole::Muted, this)),
      m_cell(makeSentence({}, TextRole::Body, this)),
      m_graph(new NetworkGraphPanel(selection, this)),
      m_weights(new WeightLine(this)),
      m_split(new QSplitter(Qt::Horizontal, this)) {
    m_quantity->setAccessibleName(tr("Quantity of the heatmap"));
    m_quantity->addItem(tr("Accuracy"), static_cast<int>(SensitivityQuantity::Metric));
    m_quantity->addItem(tr("KL divergence"), static_cast<int>(SensitivityQuantity::Kl));
    m_quantity->addItem(tr("Signal to rounding noise"),
                        static_cast<int>(SensitivityQuantity::SqnrDb));
    for (QHeaderView* header :
         {m_heatmap->table().verticalHeader(), m_heatmap->table().horizontalHeader()}) {
        header->viewport()->setBackgroundRole(QPalette::Base);  // as the paper around it
    }
    auto* numbers = new QCheckBox(tr("&Numbers"), this);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid);
    tools->addWidget(makeLabel(tr("Each layer alone in each format"), TextRole::Title, this));
    tools->addStretch(1);
    tools->addWidget(m_quantity);
    tools->addWidget(numbers);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, 2 * kGrid);
    page->setSpacing(kGrid);
    page->addLayout(tools);
    page->addWidget(m_summary);
    page->addWidget(m_empty);
    page->addWidget(m_split, 1);
    page->addWidget(m_cell);
    page->addStretch(0);
    auto* beside = new QSplitter(Qt::Vertical, m_split);
    for (QSplitter* split : {m_split, beside}) {
        split->setChildrenCollapsible(false);
        split->setHandleWidth(2 * kGrid);
    }
    m_split->addWidget(m_heatmap);
    m_split->addWidget(beside);
    m_split->setStretchFactor(0, 3);
    m_split->setStretchFactor(1, 2);
    beside->addWidget(m_graph);
    beside->addWidget(m_weights);
    beside->setStretchFactor(0, 3);
    beside->setStretchFactor(1, 2);
    connect(m_quantity, &QComboBox::activated, this, [this] {
        m_model.setQuantity(static_cast<SensitivityQuantity>(m_quantity->currentData().toInt()));
        colourGraph();
        refreshState();
    });
    connect(numbers, &QCheckBox::toggled, m_heatmap, &charts::SensitivityHeatmap::setNumbersShown);
    connect(m_heatmap, &charts::SensitivityHeatmap::numbersShownChanged, numbers,
            &QCheckBox::setChecked);
    connect(m_heatmap, &charts::SensitivityHeatmap::cellClicked, this,
            [this](const SensitivityModel::Cell& cell) {
                m_selection.setLayer(cell.layer, cell.activations ? exploration::Side::Activations
                                                                  : exploration::Side::Weights);
                choose(cell);
            });
    connect(m_heatmap, &charts::SensitivityHeatmap::cellHovered, this,
            &SensitivityPage::describeCell);
    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, &SensitivityPage::take);
    connect(&selection, &Selection::designChanged, this, &SensitivityPage::showChosen);
    connect(&selection, &Selection::layerChanged, this, [this](int layer) {
        if (layer >= 0 && layer != m_chosen.layer) {
            choose({layer, m_chosen.activations, m_chosen.format});
        }
    });
    startOver();
    take(document.bridge().snapshot());
}

void SensitivityPage::take(const SnapshotPointer& snapshot) {
    if (snapshot->generation != m_generation) {
        m_generation = snapshot->generation;
        startOver();
    }
    if (snapshot->sensitivity.size() != m_seen) {
        addCells(snapshot);
        refreshState();
    }
}

exploration::QuantityId SensitivityPage::metric() const {
    return exploration::metricAmong(m_document.bridge().snapshot()->objectives);
}

void SensitivityPage::startOver() {
    m_seen = 0;
    charts::SensitivityFrame frame;
    if (m_document.shown().network) {
        for (const network::Layer& layer : m_document.shown().network->layers) {
            frame.layers << QString::fromStdString(layer.name);
        }
        m_formats =
            formatsOf(m_document.shown().session ? m_document.shown().session->searchedSpace()
                                                 : m_document.shown().space);
        frame.formats = m_formats;
    }
    frame.metric = charts::axisOf(metric());
    m_quantity->setItemText(0, frame.metric.label);
    frame.kl = {tr("KL divergence"), QStringLiteral("nat"), charts::Better::Lower,
                charts::ScaleKind::Logarithmic};
    frame.sqnrDb = {tr("Signal to rounding noise"), QStringLiteral("dB"), charts::Better::Higher,
                    charts::ScaleKind::Linear};
    m_model.setFrame(frame);
    m_cell->setText(frame.formats.isEmpty()
                        ? QString()
                        : tr("Point at a cell or select it to read its figures."));
    m_graph->setNetwork(m_document.shown().network);
    showChosen();
    choose({0, false, static_cast<int>(frame.formats.size()) - 1});
    refreshState();
}

void SensitivityPage::choose(const charts::SensitivityModel::Cell& cell) {
    m_chosen = cell;
    const auto& network = m_document.shown().network;
    const bool known = network && cell.layer >= 0 && cell.format >= 0 &&
                       static_cast<std::size_t>(cell.layer) < network->layers.size() &&
                       cell.format < m_formats.size();
    m_weights->show(known ? network : nullptr, cell.layer,
                    known ? m_formats.at(cell.format) : QString());
    if (m_seen > 0) {
        describeCell(cell);
    }
    colourGraph();
}

void SensitivityPage::colourGraph() {
    NetworkGraphPanel::Values values;
    values.axis = m_model.axis();
    const auto& network = m_document.shown().network;
    for (std::size_t layer = 0; network && layer < network->layers.size(); ++layer) {
        values.byLayer.push_back(
            m_model.indexOf({static_cast<int>(layer), m_chosen.activations, m_chosen.format})
                .data(charts::SensitivityModel::ValueRole)
                .toDouble());
    }
    m_graph->setSensitivity(std::move(values));
}

void SensitivityPage::addCells(const SnapshotPointer& snapshot) {
    std::vector<charts::SensitivityEntry> entries;
    for (std::size_t i = std::min(m_seen, snapshot->sensitivity.size());
         i < snapshot->sensitivity.size(); ++i) {
        const exploration::SensitivityCell& cell = snapshot->sensitivity[i];
        const auto format = m_formats.indexOf(QString::fromStdString(cell.quantizer.name()));
        entries.push_back({static_cast<int>(cell.layer),
                           cell.side == exploration::Side::Activations, static_cast<int>(format),
                           charts::shownValue(metric(), cell.measured.metric), cell.measured.kl,
                           cell.sqnrDb});
    }
    m_seen = snapshot->sensitivity.size();
    m_model.addEntries(entries);
    colourGraph();
}

void SensitivityPage::showChosen() {
    const exploration::Evaluation* evaluation =
        m_document.bridge().snapshot()->find(m_selection.design());
    std::vector<int> weights;
    std::vector<int> activations;
    if (evaluation && m_document.shown().network) {
        const auto column = [this](const std::optional<Quantizer>& quantizer) {
            return quantizer ? static_cast<int>(
                                   m_formats.indexOf(QString::fromStdString(quantizer->name())))
                             : -1;
        };
        for (const auto& scheme : m_document.shown().space.assignment(evaluation->design)) {
            weights.push_back(column(scheme.weights));
            activations.push_back(column(scheme.activations));
        }
    }
    m_model.setChosen(weights, activations);
    m_graph->setSchemes(evaluation && m_document.shown().network
                            ? m_document.shown().space.assignment(evaluation->design)
                            : exploration::Assignment{});
}

void SensitivityPage::describeCell(const SensitivityModel::Cell& cell) {
    const auto& network = m_document.shown().network;
    if (!network || cell.layer < 0 ||
        static_cast<std::size_t>(cell.layer) >= network->layers.size()) {
        return;
    }
    for (const exploration::SensitivityCell& known : m_document.bridge().snapshot()->sensitivity) {
        const bool activations = known.side == exploration::Side::Activations;
        if (static_cast<int>(known.layer) == cell.layer && activations == cell.activations &&
            m_formats.indexOf(QString::fromStdString(known.quantizer.name())) == cell.format) {
            m_cell->setText(
                tr("%1 of %2 in %3: %8 %4 %5, KL %6 nat%7")
                    .arg(activations ? tr("Activations") : tr("Weights"),
                         QString::fromStdString(network->layers[known.layer].name),
                         m_formats.at(cell.format),
                         wording::valueWithUnit(metric(), known.measured.metric),
                         wording::halfWidth(metric(), known.measured),
                         wording::value(exploration::QuantityId::Kl, known.measured.kl),
                         std::isnan(known.sqnrDb)
                             ? QString()
                             : tr(", signal to rounding noise %1 dB")
                                   .arg(QLocale().toString(known.sqnrDb, 'f', 1)),
                         QString::fromStdString(exploration::quantity(metric()).label).toLower()));
            return;
        }
    }
    m_cell->setText(tr("Not measured."));
}

void SensitivityPage::refreshState() {
    const bool any = m_document.shown().network != nullptr && !m_formats.isEmpty();
    m_split->setVisible(any);
    m_empty->setVisible(!any || m_seen == 0);
    m_summary->setVisible(m_seen > 0);
    m_summary->setText(m_model.summary());
    m_empty->setText(!any ? tr("Here you will see how much each layer minds each format. Open a "
                               "study, tick formats on the Set up page, and press Start.")
                          : tr("Nothing measured yet. The sensitivity comes first when you press "
                               "Start, if the study asks for it."));
}

}  // namespace bitloupe::ui
