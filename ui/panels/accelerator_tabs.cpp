// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/accelerator_tabs.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTabBar>
#include <QTableView>
#include <QVBoxLayout>

#include "core/hardware/array_shapes.h"
#include "core/hardware/cost.h"
#include "ui/charts/curve_view.h"
#include "ui/charts/shape_map.h"
#include "ui/models/accelerator_charts.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

/// What the table goes over.
enum Scope { Space, SameElements };

}  // namespace

AcceleratorTabs::AcceleratorTabs(QWidget* parent)
    : QTabWidget(parent),
      m_scope(new QComboBox(this)),
      m_table(ui::makeTable(m_sweep, tr("Arrays"), this)),
      m_best(makeSentence({}, TextRole::Muted, this)),
      m_shapes(new charts::ShapeMap(this)),
      m_roofline(new charts::CurveView(this)),
      m_bandwidth(new charts::CurveView(this)),
      m_buffers(new charts::CurveView(this)) {
    setDocumentMode(true);
    setAccessibleName(tr("Other arrays, roofline and sweeps"));
    tabBar()->setAccessibleName(accessibleName());
    addTab(makeTable(), tr("Arrays"));
    addTab(m_shapes, tr("Shapes"));
    addTab(m_roofline, tr("Roofline"));
    addTab(makeSweeps(), tr("Bandwidth and buffers"));
    connect(m_scope, &QComboBox::activated, this, &AcceleratorTabs::refreshTable);
    const auto choose = [this](const QModelIndex& index) {
        Q_EMIT chosen(m_sweep.accelerator(index.row()));
    };
    connect(m_table, &QTableView::clicked, this, choose);
    connect(m_table, &QTableView::activated, this, choose);
    connect(m_shapes, &charts::ShapeMap::cellChosen, this,
            [this](int row, int column) { Q_EMIT chosen(shape(row, column)); });
    setStudy(nullptr);
}

QWidget* AcceleratorTabs::makeTable() {
    m_scope->addItem(tr("the arrays of the space"));
    m_scope->addItem(tr("every array with as many PEs"));
    m_scope->setAccessibleName(tr("Arrays to compare"));
    m_table->setSortingEnabled(true);
    fillWidth(*m_table);
    m_table->horizontalHeader()->setSortIndicator(ArraySweepModel::Cycles, Qt::AscendingOrder);
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, kGrid, 0, 0);
    column->setSpacing(kGrid);
    auto* head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("This network on"), TextRole::Muted, part));
    head->addWidget(m_scope);
    head->addStretch(1);
    head->addWidget(m_best, 2);
    column->addLayout(head);
    column->addWidget(m_table, 1);
    return part;
}

QWidget* AcceleratorTabs::makeSweeps() {
    auto* part = new QWidget(this);
    auto* row = new QHBoxLayout(part);
    row->setContentsMargins(0, kGrid, 0, 0);
    row->setSpacing(2 * kGrid);
    row->addWidget(m_bandwidth, 1);
    row->addWidget(m_buffers, 1);
    return part;
}

void AcceleratorTabs::setArrays(const std::vector<hardware::Gemm>& gemms,
                                const std::vector<hardware::Accelerator>& space,
                                const hardware::Accelerator& shown) {
    m_gemms = gemms;
    m_space = space;
    m_shown = shown;
    refreshTable();
    refreshShapes();
}

void AcceleratorTabs::setStudy(const std::shared_ptr<const AcceleratorStudy>& study) {
    for (charts::CurveView* view : {m_roofline, m_bandwidth, m_buffers}) {
        view->setData({});  // another accelerator: the axes fit it, not what was shown before
    }
    if (study) {
        m_roofline->setData(rooflineChart(*study));
        m_bandwidth->setData(bandwidthChart(*study));
        m_buffers->setData(bufferChart(*study));
    }
}

void AcceleratorTabs::refreshTable() {
    const bool space = m_scope->currentIndex() == Space;
    m_sweep.set(m_gemms, m_gemms.empty() ? std::vector<hardware::Accelerator>{}
                         : space         ? m_space
                                         : hardware::arraysOf(m_shown.processingElements(),
                                                              hardware::kAllDataflows));
    m_sweep.sort(m_table->horizontalHeader()->sortIndicatorSection(),
                 m_table->horizontalHeader()->sortIndicatorOrder());
    fitColumns(*m_table);
    m_table->selectRow(m_sweep.rowOf(m_shown));
    revealShown();
    const int best = m_sweep.best();
    m_best->setText(best < 0
                        ? QString()
                        : tr("Fewest cycles: %1. Click an array to see it above.")
                              .arg(m_sweep.index(best, ArraySweepModel::Name).data().toString()));
}

void AcceleratorTabs::revealShown() {
    // From the top as far as needed: a table that is not laid out yet scrolls too far.
    m_table->scrollToTop();
    if (m_table->isVisible()) {
        m_table->scrollTo(m_table->currentIndex());
    }
}

void AcceleratorTabs::showEvent(QShowEvent* event) {
    QTabWidget::showEvent(event);
    revealShown();
}

hardware::Accelerator AcceleratorTabs::shape(int row, int column) const {
    hardware::Accelerator array = m_shown;
    array.rows = kMapSides.at(std::size_t(row));
    array.columns = kMapSides.at(std::size_t(column));
    return array;
}

void AcceleratorTabs::refreshShapes() {
    m_shapes->setData(m_gemms.empty() ? charts::ShapeMapData{} : shapeMap(m_gemms, m_shown));
}

}  // namespace bitloupe::ui
