// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/accelerator_page.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "core/hardware/array_shapes.h"
#include "core/hardware/cost.h"
#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/array_picture.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

/// What the sweep goes over.
enum Scope { Space, SameElements };

}  // namespace

AcceleratorPage::AcceleratorPage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_summary(makeSentence({}, TextRole::Muted, this)),
      m_costTable(makeTable(m_costs, tr("Cycles of each layer"), this)),
      m_picture(new ArrayPicture(this)),
      m_scope(new QComboBox(this)),
      m_sweepTable(makeTable(m_sweep, tr("Arrays"), this)),
      m_best(makeSentence({}, TextRole::Muted, this)) {
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(2 * kGrid);
    split->addWidget(makeLayers());
    split->addWidget(makeSweep());
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    page->setSpacing(kGrid);
    page->addWidget(m_title);
    page->addWidget(m_summary);
    page->addWidget(split, 1);
    connect(&document, &StudyDocument::loadedChanged, this, &AcceleratorPage::refresh);
    connect(&document, &StudyDocument::descriptionChanged, this, &AcceleratorPage::refresh);
    connect(&selection, &Selection::designChanged, this, &AcceleratorPage::followDesign);
    connect(&selection, &Selection::layerChanged, this, &AcceleratorPage::showLayer);
    connect(m_scope, &QComboBox::activated, this, &AcceleratorPage::refreshSweep);
    connect(m_costTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid()) {
                    m_selection.setLayer(current.row());
                }
            });
    const auto choose = [this](const QModelIndex& index) {
        show(m_sweep.accelerator(index.row()));
    };
    connect(m_sweepTable, &QTableView::clicked, this, choose);
    connect(m_sweepTable, &QTableView::activated, this, choose);
    refresh();
}

QWidget* AcceleratorPage::makeLayers() {
    auto* part = new QWidget(this);
    auto* row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(3 * kGrid);
    row->addWidget(m_costTable, 3);
    fillWidth(*m_costTable);
    row->addWidget(m_picture, 2);
    return part;
}

QWidget* AcceleratorPage::makeSweep() {
    m_scope->addItem(tr("the arrays of the space"));
    m_scope->addItem(tr("every array with as many PEs"));
    m_scope->setAccessibleName(tr("Arrays to compare"));
    m_sweepTable->setSortingEnabled(true);
    fillWidth(*m_sweepTable);
    m_sweepTable->horizontalHeader()->setSortIndicator(ArraySweepModel::Cycles, Qt::AscendingOrder);
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    auto* head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("This network on"), TextRole::Heading, part));
    head->addWidget(m_scope);
    head->addStretch(1);
    column->addWidget(makeRule(Qt::Horizontal, part));
    column->addLayout(head);
    column->addWidget(m_best);
    column->addWidget(m_sweepTable, 1);
    return part;
}

void AcceleratorPage::refresh() {
    const std::vector<hardware::Accelerator>& arrays = m_document.description().accelerators;
    if (std::find(arrays.begin(), arrays.end(), m_shown) == arrays.end() && !arrays.empty()) {
        m_shown = arrays.front();
    }
    show(m_shown);
}

void AcceleratorPage::followDesign() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    if (const exploration::Evaluation* evaluation = snapshot.find(m_selection.design())) {
        show(m_document.shown().space.accelerator(evaluation->design));
    }
}

void AcceleratorPage::show(const hardware::Accelerator& accelerator) {
    m_shown = accelerator;
    const auto& network = m_document.network();
    m_costs.set(network, accelerator);
    fitColumns(*m_costTable);
    m_title->setText(tr("Array %1").arg(QString::fromStdString(accelerator.name())));
    if (network) {
        const std::vector<hardware::Gemm> gemms = gemmsOf(*network);
        m_summary->setText(
            tr("%1 cycles a sample, %2 of the processing elements' time is used. "
               "Stall-free; folds are not overlapped.")
                .arg(wording::count(
                         static_cast<double>(hardware::computeCycles(gemms, accelerator))),
                     wording::percent(hardware::utilization(gemms, accelerator), 1)));
    } else {
        m_summary->setText(
            tr("Open a network on the Set up page to see what it costs on an array."));
    }
    refreshSweep();
    showLayer();
}

void AcceleratorPage::refreshSweep() {
    const auto& network = m_document.network();
    const bool space = m_scope->currentIndex() == Space;
    m_sweep.set(network ? gemmsOf(*network) : std::vector<hardware::Gemm>{},
                !network ? std::vector<hardware::Accelerator>{}
                : space
                    ? m_document.description().accelerators
                    : hardware::arraysOf(m_shown.processingElements(), hardware::kAllDataflows));
    m_sweep.sort(m_sweepTable->horizontalHeader()->sortIndicatorSection(),
                 m_sweepTable->horizontalHeader()->sortIndicatorOrder());
    fitColumns(*m_sweepTable);
    m_sweepTable->selectRow(m_sweep.rowOf(m_shown));
    const int best = m_sweep.best();
    m_best->setText(best < 0
                        ? QString()
                        : tr("Fewest cycles: %1. Click an array to see it above.")
                              .arg(m_sweep.index(best, ArraySweepModel::Name).data().toString()));
}

void AcceleratorPage::showLayer() {
    const auto& network = m_document.network();
    const int layer =
        network && !network->layers.empty()
            ? std::clamp(m_selection.layer(), 0, static_cast<int>(network->layers.size()) - 1)
            : -1;
    m_picture->setMapping(
        layer < 0 ? QString()
                  : QString::fromStdString(network->layers[static_cast<std::size_t>(layer)].name),
        layer < 0 ? hardware::Gemm{} : network->layers[static_cast<std::size_t>(layer)].gemm,
        m_shown);
    if (m_selection.layer() >= 0 && m_selection.layer() < m_costs.rowCount() &&
        m_costTable->currentIndex().row() != m_selection.layer()) {
        m_costTable->selectRow(m_selection.layer());
    }
}

}  // namespace bitloupe::ui
