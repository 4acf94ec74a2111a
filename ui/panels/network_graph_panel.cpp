// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/network_graph_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "core/network/network.h"
#include "ui/models/network_graph.h"
#include "ui/models/selection.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

using charts::Better;
using charts::ScaleKind;

}  // namespace

NetworkGraphPanel::NetworkGraphPanel(Selection& selection, QWidget* parent)
    : QWidget(parent), m_colour(new QComboBox(this)), m_view(new charts::GraphView(this)) {
    m_colour->setAccessibleName(tr("Colour of the graph"));
    m_colour->addItems({tr("sensitivity"), tr("weight bits"), tr("activation bits"), tr("MACs"),
                        tr("parameters")});
    auto* whole = new QToolButton(this);
    whole->setText(tr("Show all"));
    whole->setAutoRaise(true);
    whole->setFocusPolicy(Qt::TabFocus);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(kGrid);
    tools->addWidget(makeLabel(tr("The network by"), TextRole::Muted, this));
    tools->addWidget(m_colour);
    tools->addStretch(1);
    tools->addWidget(whole);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addLayout(tools);
    column->addWidget(m_view, 1);
    connect(m_colour, &QComboBox::currentIndexChanged, this, &NetworkGraphPanel::recolour);
    connect(whole, &QToolButton::clicked, m_view, &charts::GraphView::fit);
    connect(m_view, &charts::GraphView::layerChosen, &selection,
            qOverload<int>(&Selection::setLayer));
    connect(&selection, &Selection::layerChanged, m_view, &charts::GraphView::setSelectedLayer);
}

void NetworkGraphPanel::setNetwork(std::shared_ptr<const network::Network> network) {
    if (network == m_network && m_graph) {
        return;
    }
    m_network = std::move(network);
    m_graph = m_network ? graphOf(*m_network) : std::make_shared<const charts::GraphViewData>();
    recolour();
}

void NetworkGraphPanel::setSensitivity(Values values) {
    m_sensitivity = std::move(values);
    recolourIf(m_colour->currentIndex() == Sensitivity);
}

void NetworkGraphPanel::setSchemes(std::vector<quantization::LayerScheme> schemes) {
    m_schemes = std::move(schemes);
    recolourIf(m_colour->currentIndex() == WeightBits ||
               m_colour->currentIndex() == ActivationBits);
}

void NetworkGraphPanel::setColour(Colour colour) {
    m_colour->setCurrentIndex(colour);
}

NetworkGraphPanel::Values NetworkGraphPanel::values() const {
    Values values;
    const int colour = m_colour->currentIndex();
    if (colour == Sensitivity) {
        return m_sensitivity;
    }
    if (colour == WeightBits || colour == ActivationBits) {
        values.axis = {colour == WeightBits ? tr("Weight bits") : tr("Activation bits"),
                       {},
                       Better::Lower,
                       ScaleKind::Linear,
                       0};
        for (const quantization::LayerScheme& scheme : m_schemes) {
            values.byLayer.push_back(
                bitsPerValue(colour == WeightBits ? scheme.weights : scheme.activations));
        }
        return values;
    }
    values.axis = {colour == Macs ? tr("MACs") : tr("Parameters"),
                   {},
                   Better::Neither,
                   ScaleKind::Logarithmic,
                   0};
    for (const network::Layer& layer : m_network->layers) {
        values.byLayer.push_back(
            static_cast<double>(colour == Macs ? layer.gemm.macs() : layer.parameters));
    }
    return values;
}

void NetworkGraphPanel::recolourIf(bool concerned) {
    if (concerned) {
        recolour();
    }
}

void NetworkGraphPanel::recolour() {
    if (!m_graph || !m_network) {
        m_view->setData(std::make_shared<const charts::GraphViewData>());
        return;
    }
    const Values shown = values();
    m_view->setData(coloured(*m_graph, shown.byLayer, shown.axis));
}

}  // namespace bitloupe::ui
