// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/sensitivity_page.h"

#include <QAbstractItemView>
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/bridge/study_document.h"
#include "ui/charts/sensitivity_heatmap.h"
#include "ui/charts/study_charts.h"
#include "ui/models/selection.h"
#include "ui/panels/detail_map.h"
#include "ui/panels/network_graph_panel.h"
#include "ui/panels/tensor_line.h"
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
      m_detail(new DetailMap(document, this)),
      m_maps(new QTabBar(this)),
      m_shownMap(new QStackedWidget(this)),
      m_quantity(new QComboBox(this)),
      m_order(new QComboBox(this)),
      m_summary(makeSentence({}, TextRole::Muted, this)),
      m_empty(makeSentence({}, TextRole::Muted, this)),
      m_cell(makeSentence({}, TextRole::Body, this)),
      m_graph(new NetworkGraphPanel(selection, this)),
      m_tensor(new TensorLine(this)),
      m_split(new QSplitter(Qt::Horizontal, this)) {
    m_quantity->setAccessibleName(tr("Quantity of the heatmap"));
    m_quantity->addItem(tr("Accuracy"), static_cast<int>(SensitivityQuantity::Metric));
    m_quantity->addItem(tr("KL divergence"), static_cast<int>(SensitivityQuantity::Kl));
    m_quantity->addItem(tr("Signal to rounding noise"),
                        static_cast<int>(SensitivityQuantity::SqnrDb));
    m_order->setAccessibleName(tr("Order of the layers"));
    m_order->addItems({tr("In order"), tr("Most sensitive first")});
    for (QComboBox* box : {m_quantity, m_order}) {  // the list shows what the box has no room for
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(9);
        box->view()->setMinimumWidth(fontMetrics().averageCharWidth() * 30);
    }
    for (QHeaderView* header :
         {m_heatmap->table().verticalHeader(), m_heatmap->table().horizontalHeader()}) {
        header->viewport()->setBackgroundRole(QPalette::Base);  // as the paper around it
    }
    auto* numbers = new QCheckBox(tr("&Numbers"), this);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid);
    tools->addWidget(makeLabel(tr("Sensitivity"), TextRole::Title, this));
    tools->addWidget(m_maps);
    tools->addStretch(1);
    tools->addWidget(m_order);
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
    buildMaps();
    m_split->addWidget(m_shownMap);
    m_split->addWidget(beside);
    m_split->setStretchFactor(0, 3);
    m_split->setStretchFactor(1, 2);
    beside->addWidget(m_graph);
    beside->addWidget(m_tensor);
    beside->setStretchFactor(0, 3);
    beside->setStretchFactor(1, 2);
    connect(m_quantity, &QComboBox::activated, this, [this] {
        for (SensitivityModel* model : {&m_model, &m_detail->model()}) {
            model->setQuantity(static_cast<SensitivityQuantity>(m_quantity->currentData().toInt()));
        }
        colourGraph();
        refreshState();
    });
    connect(m_order, &QComboBox::currentIndexChanged, this, &SensitivityPage::startOver);
    for (charts::SensitivityHeatmap* heatmap : {m_heatmap, &m_detail->heatmap()}) {
        connect(numbers, &QCheckBox::toggled, heatmap,
                &charts::SensitivityHeatmap::setNumbersShown);
        connect(heatmap, &charts::SensitivityHeatmap::numbersShownChanged, numbers,
                &QCheckBox::setChecked);
    }
    connect(m_heatmap, &charts::SensitivityHeatmap::cellClicked, this,
            [this](const SensitivityModel::Cell& shown) {
                const SensitivityModel::Cell cell = inNetwork(shown);
                m_selection.setLayer(cell.layer, cell.activations ? exploration::Side::Activations
                                                                  : exploration::Side::Weights);
                choose(cell);
            });
    connect(m_heatmap, &charts::SensitivityHeatmap::cellHovered, this,
            [this](const SensitivityModel::Cell& shown) { describeCell(inNetwork(shown)); });
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

void SensitivityPage::buildMaps() {
    m_maps->setAccessibleName(tr("Kind of map"));
    m_maps->setDrawBase(false);
    m_maps->setExpanding(false);
    m_maps->addTab(tr("Layers"));
    m_maps->addTab(tr("Channels"));
    m_maps->addTab(tr("One layer in float"));
    m_maps->setTabToolTip(Layers, tr("Each layer alone in each format"));
    m_maps->setTabToolTip(Channels, tr("The channels of the selected layer alone"));
    m_maps->setTabToolTip(LeaveOneInFloat, tr("All layers but one quantized"));
    m_shownMap->addWidget(m_heatmap);
    m_shownMap->addWidget(m_detail);
    connect(m_maps, &QTabBar::currentChanged, this, &SensitivityPage::showMap);
    connect(m_detail, &DetailMap::cellChosen, this, [this](const SensitivityModel::Cell& cell) {
        m_selection.setLayer(cell.layer, cell.activations ? exploration::Side::Activations
                                                          : exploration::Side::Weights);
        choose(cell);
    });
}

void SensitivityPage::showMap() {
    const bool layers = m_maps->currentIndex() == Layers;
    if (!layers) {
        m_detail->setKind(m_maps->currentIndex() == Channels ? DetailMap::Kind::Channels
                                                             : DetailMap::Kind::LeaveOneInFloat);
    }
    m_shownMap->setCurrentIndex(layers ? 0 : 1);
    m_order->setVisible(layers);
    refreshState();
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
    m_layerOfRow.clear();
    m_rowOfLayer.clear();
    charts::SensitivityFrame frame;
    if (m_document.shown().network) {
        orderRows();
        for (const int layer : m_layerOfRow) {
            frame.layers << QString::fromStdString(
                m_document.shown().network->layers[static_cast<std::size_t>(layer)].name);
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
    charts::SensitivityFrame inOrder = frame;
    inOrder.layers.clear();
    for (std::size_t layer = 0; layer < m_layerOfRow.size(); ++layer) {
        inOrder.layers << QString::fromStdString(m_document.shown().network->layers[layer].name);
    }
    m_detail->setFrame(inOrder);
    m_cell->setText(frame.formats.isEmpty()
                        ? QString()
                        : tr("Point at a cell or select it to read its figures."));
    const StudyDocument::Shown& shown = m_document.shown();
    m_graph->setNetwork(shown.session ? shown.network : nullptr);
    showChosen();
    // The same layer again where it is the same network.
    const bool same = m_chosen.layer >= 0 && m_chosen.layer < frame.layers.size() &&
                      m_selection.layer() == m_chosen.layer;
    choose({same ? m_chosen.layer : 0, same && m_chosen.activations,
            static_cast<int>(frame.formats.size()) - 1});
    if (!m_document.bridge().snapshot()->sensitivity.empty()) {
        addCells(m_document.bridge().snapshot());
    }
    refreshState();
}

void SensitivityPage::setMostSensitiveFirst(bool first) {
    m_order->setCurrentIndex(first ? 1 : 0);
}

void SensitivityPage::orderRows() {
    const std::size_t layers = m_document.shown().network->layers.size();
    m_layerOfRow.resize(layers);
    std::iota(m_layerOfRow.begin(), m_layerOfRow.end(), 0);
    if (m_order->currentIndex() == 1) {
        // By the worst that any format does to either side alone.
        const bool lower =
            exploration::quantity(metric()).direction == exploration::Direction::Minimize;
        std::vector<double> worst(layers, -std::numeric_limits<double>::infinity());
        for (const exploration::SensitivityCell& cell :
             m_document.bridge().snapshot()->sensitivity) {
            const double loss = lower ? cell.measured.metric : -cell.measured.metric;
            worst[cell.layer] = std::max(worst[cell.layer], loss);
        }
        std::stable_sort(m_layerOfRow.begin(), m_layerOfRow.end(), [&worst](int a, int b) {
            return worst[static_cast<std::size_t>(a)] > worst[static_cast<std::size_t>(b)];
        });
    }
    m_rowOfLayer.resize(layers);
    for (std::size_t row = 0; row < layers; ++row) {
        m_rowOfLayer[static_cast<std::size_t>(m_layerOfRow[row])] = static_cast<int>(row);
    }
}

SensitivityModel::Cell SensitivityPage::inNetwork(SensitivityModel::Cell cell) const {
    const auto row = static_cast<std::size_t>(cell.layer);
    cell.layer = cell.layer >= 0 && row < m_layerOfRow.size() ? m_layerOfRow[row] : -1;
    return cell;
}

SensitivityModel::Cell SensitivityPage::inModel(SensitivityModel::Cell cell) const {
    const auto layer = static_cast<std::size_t>(cell.layer);
    cell.layer = cell.layer >= 0 && layer < m_rowOfLayer.size() ? m_rowOfLayer[layer] : -1;
    return cell;
}

void SensitivityPage::choose(const charts::SensitivityModel::Cell& cell) {
    m_chosen = cell;
    m_detail->setLayer(cell.layer);
    const auto& network = m_document.shown().network;
    const bool exists =
        network && cell.layer >= 0 && static_cast<std::size_t>(cell.layer) < network->layers.size();
    m_maps->setTabText(Channels,
                       exists ? tr("Channels of %1")
                                    .arg(QString::fromStdString(
                                        network->layers[static_cast<std::size_t>(cell.layer)].name))
                              : tr("Channels"));
    const bool known = exists && cell.format >= 0 && cell.format < m_formats.size();
    m_tensor->show({known ? network : nullptr, m_document.shown().session, cell.layer,
                    cell.activations ? exploration::Side::Activations : exploration::Side::Weights,
                    known ? m_formats.at(cell.format) : QString()});
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
            m_model
                .indexOf(inModel({static_cast<int>(layer), m_chosen.activations, m_chosen.format}))
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
        entries.push_back({m_rowOfLayer[cell.layer], cell.side == exploration::Side::Activations,
                           static_cast<int>(format),
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
        const exploration::Assignment assignment =
            m_document.shown().space.assignment(evaluation->design);
        for (const quantization::LayerScheme& scheme : assignment) {
            weights.push_back(column(scheme.weights));
            activations.push_back(column(scheme.activations));
        }
    }
    m_detail->setChosen(weights, activations);
    const auto asShown = [this](const std::vector<int>& byLayer) {
        std::vector<int> byRow;
        for (std::size_t row = 0; row < byLayer.size(); ++row) {
            byRow.push_back(byLayer[static_cast<std::size_t>(m_layerOfRow[row])]);
        }
        return byRow;
    };
    m_model.setChosen(asShown(weights), asShown(activations));
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
    const bool layers = m_maps->currentIndex() == Layers;
    m_split->setVisible(any);
    m_maps->setVisible(any);
    m_empty->setVisible(!any || (layers && m_seen == 0));
    m_summary->setVisible(layers && m_seen > 0);
    m_cell->setVisible(layers);
    m_summary->setText(m_model.summary());
    m_empty->setText(!any ? tr("Here you will see how much each layer minds each format. Open a "
                               "study, tick formats on the Set up page, and press Start.")
                          : tr("Nothing measured yet. The sensitivity comes first when you press "
                               "Start, if the study asks for it."));
}

}  // namespace bitloupe::ui
