// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/design_tabs.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTabBar>
#include <QTableView>
#include <QVBoxLayout>
#include <array>
#include <limits>

#include "ui/charts/curve_view.h"
#include "ui/charts/histogram_view.h"
#include "ui/charts/parallel_coordinates.h"
#include "ui/charts/study_charts.h"
#include "ui/models/selection.h"
#include "ui/panels/tables.h"
#include "ui/theme/theme.h"

namespace bitloupe::ui {

namespace {

using exploration::QuantityId;

constexpr int kInterval = 250;  // ms

/// What parallel axes are drawn for, from what is chosen to what follows.
constexpr std::array kParallelAxes = {QuantityId::WeightBits, QuantityId::Bops, QuantityId::Cycles,
                                      QuantityId::Kl, QuantityId::Accuracy};

/// From `reference` to the best that is thinkable: 0 of what is minimized, 1 of what is maximized.
double wholeVolume(const std::vector<double>& reference,
                   const std::vector<QuantityId>& objectives) {
    double whole = reference.empty() ? 0 : 1;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        whole *= exploration::quantity(objectives[i]).direction == exploration::Direction::Maximize
                     ? 1 - reference[i]
                     : reference[i];
    }
    return whole;
}

}  // namespace

DesignTabs::DesignTabs(Selection& selection, QWidget* parent)
    : QTabWidget(parent),
      m_selection(selection),
      m_snapshot(std::make_shared<Snapshot>()),
      m_table(makeTable(m_list, tr("Designs"), this)),
      m_parallel(new charts::ParallelCoordinates(this)),
      m_volume(new charts::CurveView(this)),
      m_histogram(new charts::HistogramView(this)),
      m_spread(new QComboBox(this)) {
    setDocumentMode(true);
    setAccessibleName(tr("Views of the designs"));
    tabBar()->setAccessibleName(tr("Views of the designs"));
    m_parallel->setAccessibleName(tr("Designs on parallel axes"));
    m_volume->setAccessibleName(tr("Growth of the front"));
    m_histogram->setAccessibleName(tr("Spread of the designs"));
    m_volume->setFrameShape(QFrame::NoFrame);
    m_histogram->setFrameShape(QFrame::NoFrame);
    addTab(makeList(), tr("Designs"));
    addTab(m_parallel, tr("Parallel axes"));
    addTab(m_volume, tr("Growth of the front"));
    addTab(makeSpread(), tr("Spread"));
    connect(m_parallel, &charts::ParallelCoordinates::designClicked, &selection,
            &Selection::setDesign);
    connect(m_parallel, &charts::ParallelCoordinates::brushed, this, &DesignTabs::brushed);
    connect(m_parallel, &charts::ParallelCoordinates::designHovered, this,
            [this](const QList<qint64>& ids) {
                m_selection.setHovered(ids.isEmpty() ? 0 : ids.constFirst());
            });
    connect(&selection, &Selection::hoveredChanged, this, [this](std::int64_t design) {
        m_parallel->setHighlighted(design > 0 ? QList<qint64>{design} : QList<qint64>());
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid() && m_table->hasFocus()) {
                    m_selection.setDesign(m_list.idAt(current.row()));
                }
            });
    connect(m_table, &QTableView::clicked, this,
            [this](const QModelIndex& index) { m_selection.setDesign(m_list.idAt(index.row())); });
    connect(&selection, &Selection::designChanged, this, &DesignTabs::showSelection);
    connect(this, &QTabWidget::currentChanged, this, &DesignTabs::refresh);
    m_timer.setSingleShot(true);
    m_timer.setInterval(kInterval);
    connect(&m_timer, &QTimer::timeout, this, &DesignTabs::refresh);
}

QWidget* DesignTabs::makeList() {
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, kGrid / 2, 0, 0);
    column->setSpacing(kGrid / 2);
    auto* frontOnly = new QCheckBox(tr("&Front only"), part);
    frontOnly->setChecked(true);
    auto* copy = new QPushButton(tr("&Copy as CSV"), part);
    copy->setFlat(true);
    copy->setFocusPolicy(Qt::TabFocus);
    auto* tools = new QHBoxLayout;
    tools->addWidget(frontOnly);
    tools->addStretch(1);
    tools->addWidget(copy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(DesignListModel::FirstQuantity, Qt::DescendingOrder);
    fitColumns(*m_table);  // to its header, until there is more
    column->addWidget(m_table, 1);
    column->addLayout(tools);
    connect(frontOnly, &QCheckBox::toggled, this, [this](bool on) {
        m_list.setFrontOnly(on);
        m_parallel->setFrontOnly(on);
        showSelection();
    });
    connect(copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(QString::fromUtf8(m_list.toCsv())); });
    return part;
}

QWidget* DesignTabs::makeSpread() {
    auto* part = new QWidget(this);
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, kGrid / 2, 0, 0);
    column->setSpacing(0);
    m_spread->setAccessibleName(tr("Quantity of the histogram"));
    for (const exploration::Quantity& quantity :
         exploration::quantitiesWith(QuantityId::Accuracy)) {
        m_spread->addItem(QString::fromStdString(quantity.label), static_cast<int>(quantity.id));
    }
    auto* tools = new QHBoxLayout;
    tools->addWidget(m_spread);
    tools->addStretch(1);
    column->addLayout(tools);
    column->addWidget(m_histogram, 1);
    connect(m_spread, &QComboBox::activated, this, &DesignTabs::refresh);
    return part;
}

void DesignTabs::setSnapshot(const SnapshotPointer& snapshot) {
    const bool another = snapshot->generation != m_snapshot->generation;
    m_snapshot = snapshot;
    if (another) {
        m_fitted = false;
        refresh();
    } else if (!m_timer.isActive()) {
        m_timer.start();
    }
}

void DesignTabs::setFilter(const DesignFilter& filter) {
    m_filter = filter;
    m_list.setFilter(filter);
    refresh();
}

void DesignTabs::refresh() {
    switch (currentIndex()) {
        case 0:
            refreshList();
            break;
        case 1:
            refreshParallel();
            break;
        case 2:
            refreshVolume();
            break;
        default:
            refreshHistogram();
            break;
    }
    showSelection();
    Q_EMIT refreshed();
}

void DesignTabs::refreshList() {
    m_list.setSnapshot(m_snapshot);
    if (!m_fitted && m_list.rowCount() > 0) {
        m_fitted = true;
        fitColumns(*m_table);
    }
}

void DesignTabs::refreshParallel() {
    auto designs = std::make_shared<charts::ParallelData>();
    const EvaluationLog& log = m_snapshot->evaluations;
    designs->flags.assign(log.size(), charts::kDominated);
    for (const std::size_t position : m_snapshot->front) {
        designs->flags[position] |= charts::kFront;
    }
    const QuantityId metric = exploration::metricAmong(m_snapshot->objectives);
    std::array axes = kParallelAxes;
    std::replace_if(axes.begin(), axes.end(), exploration::isMetric, metric);
    for (const QuantityId id : axes) {
        designs->axes.push_back(charts::axisOf(id));
        designs->values.emplace_back().reserve(log.size());
    }
    for (std::size_t i = 0; i < log.size(); ++i) {
        designs->ids.push_back(log[i].id);
        if (!m_filter.allows(log[i])) {
            designs->flags[i] |= charts::kHidden;
        }
        for (std::size_t axis = 0; axis < axes.size(); ++axis) {
            designs->values[axis].push_back(
                charts::shownValue(axes.at(axis), log[i].value(axes.at(axis))));
        }
    }
    m_parallel->setData(designs);
}

void DesignTabs::refreshVolume() {
    const Snapshot& snapshot = *m_snapshot;
    if (m_volumeGeneration != snapshot.generation ||
        m_volumeReference != snapshot.volumeReference ||
        m_volumes.size() > snapshot.evaluations.size()) {
        m_volumeGeneration = snapshot.generation;
        m_volumeReference = snapshot.volumeReference;
        m_volumes.clear();
        m_front =
            exploration::LiveFront(exploration::losses(m_volumeReference, snapshot.objectives));
    }
    const double whole = wholeVolume(m_volumeReference, snapshot.objectives);
    for (std::size_t i = m_volumes.size(); i < snapshot.evaluations.size(); ++i) {
        const exploration::Evaluation& evaluation = snapshot.evaluations[i];
        if (whole > 0 && exploration::isAllowed(evaluation, snapshot.constraints)) {
            m_front.add(evaluation.id, exploration::losses(evaluation, snapshot.objectives));
        }
        m_volumes.emplace_back(static_cast<double>(i + 1),
                               whole > 0 ? m_front.hypervolume() / whole * 100 : 0);
    }
    charts::CurveData curves;
    curves.xAxis.label = tr("Designs evaluated");
    curves.yAxis.label = tr("Hypervolume");
    curves.yAxis.unit = QStringLiteral("%");
    curves.yAxis.better = charts::Better::Higher;
    curves.yAxis.lowest = 0;
    curves.yAxis.highest = 100;
    curves.curves.push_back(charts::progressCurve(tr("front"), m_volumes));
    m_volume->setData(std::move(curves));
}

void DesignTabs::refreshHistogram() {
    const QuantityId metric = exploration::metricAmong(m_snapshot->objectives);
    m_spread->setItemText(0, QString::fromStdString(exploration::quantity(metric).label));
    m_spread->setItemData(0, static_cast<int>(metric));
    const auto quantity = static_cast<QuantityId>(m_spread->currentData().toInt());
    const charts::AxisDescription axis = charts::axisOf(quantity);
    std::vector<float> values;
    for (std::size_t i = 0; i < m_snapshot->evaluations.size(); ++i) {
        const exploration::Evaluation& evaluation = m_snapshot->evaluations[i];
        if (m_filter.allows(evaluation)) {
            values.push_back(
                static_cast<float>(charts::shownValue(quantity, evaluation.value(quantity))));
        }
    }
    charts::HistogramOptions options;
    options.scale = axis.scale;
    options.label = axis.label;
    options.unit = axis.unit;
    charts::HistogramData counted = charts::histogramOf(values, {}, options);
    counted.countLabel = tr("Share of designs");
    m_histogram->setData(std::move(counted));
}

void DesignTabs::showSelection() {
    const std::int64_t design = m_selection.design();
    m_parallel->setSelected(design > 0 ? std::optional<qint64>(design) : std::nullopt);
    const int row = m_list.rowOf(design);
    if (row < 0) {
        m_table->clearSelection();
    } else if (m_table->currentIndex().row() != row || !m_table->selectionModel()->hasSelection()) {
        m_table->selectRow(row);
    }
}

}  // namespace bitloupe::ui
