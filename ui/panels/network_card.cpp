// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/network_card.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/tables.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

NetworkCard::NetworkCard(StudyDocument& document, Selection& selection, QWidget* parent)
    : Card(tr("Network"), parent),
      m_document(document),
      m_table(makeTable(m_model, tr("Layers of the network"), this)) {
    auto* open = new QPushButton(tr("Open &network …"), this);
    open->setFocusPolicy(Qt::TabFocus);
    tools().addWidget(open);
    content().addWidget(m_table);
    fillWidth(*m_table);
    content().addStretch(1);
    connect(open, &QPushButton::clicked, this, &NetworkCard::choose);
    connect(&document, &StudyDocument::loadedChanged, this, &NetworkCard::refresh);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, &selection,
            [&selection](const QModelIndex& current) {
                if (current.isValid()) {
                    selection.setLayer(current.row());
                }
            });
    connect(&selection, &Selection::layerChanged, this, [this](int layer) {
        if (layer >= 0 && layer < m_model.rowCount() && m_table->currentIndex().row() != layer) {
            m_table->selectRow(layer);
        }
    });
    refresh();
}

void NetworkCard::refresh() {
    const auto& network = m_document.network();
    m_model.setNetwork(network);
    m_table->setVisible(network != nullptr);
    if (!network) {
        setState(State::Empty,
                 tr("Drop a trained network here: ONNX, TorchScript or a state dict."));
        return;
    }
    fitColumns(*m_table);
    fitHeight(*m_table, 2, 8);
    setState(State::Ready, tr("%1: %2 layers, %3 parameters, %4 multiply-accumulates a sample.")
                               .arg(QString::fromStdString(network->name))
                               .arg(network->layers.size())
                               .arg(wording::count(static_cast<double>(network->parameters())),
                                    wording::count(static_cast<double>(network->macs()))));
}

void NetworkCard::choose() {
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Open a network"), {},
        tr("Networks (*.onnx *.pt *.pth *.safetensors);;All files (*)"));
    if (!path.isEmpty()) {
        m_document.openNetwork(path);
    }
}

}  // namespace bitloupe::ui
