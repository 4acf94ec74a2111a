// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/design_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "ui/bridge/design_editor.h"
#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/compare_panel.h"
#include "ui/panels/design_plot.h"
#include "ui/panels/draft_figures.h"
#include "ui/panels/fine_tune_panel.h"
#include "ui/panels/tables.h"
#include "ui/panels/tensor_line.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

using exploration::QuantityId;
using exploration::Side;
using quantization::Quantizer;

DesignPage::DesignPage(StudyDocument& document, Selection& selection, DesignEditor& editor,
                       TrainingJob& training, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_editor(editor),
      m_pages(new QStackedWidget(this)),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_remark(makeSentence({}, TextRole::Muted, this)),
      m_automatic(new QCheckBox(tr("Measure &by itself"), this)),
      m_measure(new QPushButton(tr("&Measure"), this)),
      m_figures(new DraftFigures(this)),
      m_table(makeTable(m_layers, tr("Formats of the design, layer by layer"), this)),
      m_array(new QComboBox(this)),
      m_weights(new TensorLine(this)),
      m_activations(new TensorLine(this)),
      m_tabs(new QTabWidget(this)),
      m_plot(new DesignPlot(document, selection, editor, this)),
      m_compare(new ComparePanel(document, selection, this)),
      m_fineTuning(new FineTunePanel(document, selection, editor, training, this)) {
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("More about the design"));
    m_tabs->tabBar()->setAccessibleName(tr("More about the design"));
    m_tabs->addTab(m_plot, tr("Among the others"));
    m_tabs->addTab(m_compare, tr("Side by side"));
    m_tabs->addTab(m_fineTuning, tr("Fine-tuning"));
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(2 * kGrid);
    split->addWidget(makeLayers());
    split->addWidget(m_tabs);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    auto* full = new QWidget(m_pages);
    auto* column = new QVBoxLayout(full);
    column->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    column->setSpacing(kGrid);
    column->addWidget(makeHead());
    column->addWidget(m_remark);
    column->addWidget(m_figures);
    column->addWidget(split, 1);
    m_pages->addWidget(makeEmpty());
    m_pages->addWidget(full);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->addWidget(m_pages);

    m_automatic->setChecked(editor.isAutomatic());
    m_automatic->setToolTip(tr("A moment after the last change, while nothing runs"));
    connect(m_automatic, &QCheckBox::toggled, &editor, &DesignEditor::setAutomatic);
    connect(m_measure, &QPushButton::clicked, &editor, &DesignEditor::measure);
    connect(&editor, &DesignEditor::changed, this, &DesignPage::refresh);
    connect(&selection, &Selection::designChanged, this, &DesignPage::refresh);
    connect(&selection, &Selection::layerChanged, this, &DesignPage::showLayer);
    connect(&document.bridge(), &ExplorationBridge::stateChanged, this, &DesignPage::refresh);
    connect(&document, &StudyDocument::opened, this, &DesignPage::refresh);
    connect(m_table, &QTableView::clicked, this, &DesignPage::offerFormats);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid()) {
                    m_selection.setLayer(current.row());
                }
            });
    connect(m_array, &QComboBox::activated, this, [this](int index) {
        const auto& arrays = m_document.shown().space.accelerators();
        m_editor.setAccelerator(m_selection.design(), arrays.at(static_cast<std::size_t>(index)));
    });
    refresh();
}

QWidget* DesignPage::makeEmpty() {
    auto* empty = new QWidget(m_pages);
    auto* column = new QVBoxLayout(empty);
    column->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    column->setSpacing(kGrid);
    column->addWidget(makeLabel(tr("No design selected"), TextRole::Title));
    column->addWidget(makeSentence(
        tr("Select a point on the Explore page, or walk along the front with the arrow keys. Here "
           "you can then change what each layer uses and see what that does."),
        TextRole::Muted));
    column->addStretch(1);
    return empty;
}

QWidget* DesignPage::makeHead() {
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid);
    row->addWidget(m_title, 1);
    row->addWidget(m_automatic);
    row->addWidget(m_measure);
    return head;
}

QWidget* DesignPage::makeLayers() {
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->installEventFilter(this);
    fillWidth(*m_table);
    m_array->setAccessibleName(tr("Array of the design"));
    m_array->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto* left = new QWidget(this);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(kGrid);
    column->addWidget(m_table, 1);
    auto* arrayRow = new QHBoxLayout;
    arrayRow->setSpacing(kGrid);
    arrayRow->addWidget(makeLabel(tr("Array"), TextRole::Muted, left));
    arrayRow->addWidget(m_array);
    arrayRow->addStretch(1);
    column->addLayout(arrayRow);
    auto* right = new QSplitter(Qt::Vertical, this);
    right->setChildrenCollapsible(false);
    right->setHandleWidth(kGrid);
    right->addWidget(m_weights);
    right->addWidget(m_activations);
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(3 * kGrid);
    split->addWidget(left);
    split->addWidget(right);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    return split;
}

void DesignPage::showFineTuning() {
    m_tabs->setCurrentWidget(m_fineTuning);
}

void DesignPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void DesignPage::refresh() {
    if (!isVisible()) {
        return;
    }
    const std::int64_t design = m_selection.design();
    const std::optional<DesignDraft> state = m_editor.stateOf(design);
    m_pages->setCurrentIndex(state ? 1 : 0);
    if (!state) {
        m_layers.clear();
        showLayer();
        return;
    }
    const bool isDraft = m_editor.draft() == state;
    m_title->setText(isDraft ? tr("Design %1, changed").arg(design) : tr("Design %1").arg(design));
    const exploration::Evaluation* base = m_document.bridge().snapshot()->find(design);
    if (!base->weights.empty()) {
        m_remark->setText(tr("Fine-tuned from design %1. The pictures show the network's own "
                             "weights; a changed format starts from them too.")
                              .arg(base->parent));
    } else if (!isDraft) {
        m_remark->setText(tr(
            "Click a format, or press Enter on it, to change it; − and + take the next one. What "
            "it costs is seen at once, the accuracy is measured while nothing runs."));
    } else if (m_editor.isMeasuring()) {
        m_remark->setText(tr("Its accuracy is being measured."));
    } else if (m_document.bridge().isBusy()) {
        m_remark->setText(tr("Its accuracy will be measured when the run has ended."));
    } else {
        m_remark->setText(
            m_editor.isAutomatic()
                ? tr("Its accuracy is measured in a moment.")
                : tr("Press Measure to add it to the study, joined to design %1.").arg(design));
    }
    if (!m_editor.canEdit()) {
        m_remark->setText(tr("Results are shown alone: nothing can be changed or measured."));
    }
    m_automatic->setChecked(m_editor.isAutomatic());
    m_measure->setEnabled(isDraft && m_editor.canMeasure());
    m_layers.setDesign(m_document.shown().network, state->assignment);
    m_layers.setComparison(m_document.shown().space.assignment(base->design));
    if (m_fitted != design) {
        m_fitted = design;
        fitColumns(*m_table);
    }
    refreshArrays();
    refreshFigures();
    showLayer();
}

void DesignPage::refreshArrays() {
    const QSignalBlocker quiet(m_array);
    const auto state = m_editor.stateOf(m_selection.design());
    m_array->clear();
    const auto& arrays = m_document.shown().space.accelerators();
    for (const hardware::Accelerator& array : arrays) {
        m_array->addItem(QString::fromStdString(array.name()));
    }
    const auto found = std::find(arrays.begin(), arrays.end(), state->accelerator);
    m_array->setCurrentIndex(static_cast<int>(found - arrays.begin()));
    m_array->setEnabled(arrays.size() > 1 && m_editor.canEdit());
}

void DesignPage::refreshFigures() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const std::int64_t design = m_selection.design();
    const auto state = m_editor.stateOf(design);
    const QuantityId metric = exploration::metricAmong(snapshot.objectives);
    std::optional<exploration::Evaluation> changed;
    if (m_editor.draft() == state) {
        changed.emplace();
        changed->costs = m_editor.costs();
        changed->measured.metric =
            m_editor.expectedMetric().value_or(std::numeric_limits<double>::quiet_NaN());
    }
    m_figures->show(*snapshot.find(design), metric, changed);
}

void DesignPage::showLayer() {
    if (!isVisible()) {
        return;
    }
    const auto state = m_editor.stateOf(m_selection.design());
    const auto& network = m_document.shown().network;
    if (!state || !network || network->layers.empty()) {
        m_weights->show({});
        m_activations->show({});
        return;
    }
    const int layer =
        std::clamp(m_selection.layer(), 0, static_cast<int>(network->layers.size()) - 1);
    const quantization::LayerScheme& scheme = state->assignment[static_cast<std::size_t>(layer)];
    const auto nameOf = [](const std::optional<Quantizer>& side) {
        return side ? QString::fromStdString(side->name()) : QString();
    };
    const auto& session = m_document.shown().session;
    m_weights->show({network, session, layer, Side::Weights, nameOf(scheme.weights)});
    m_activations->show({network, session, layer, Side::Activations, nameOf(scheme.activations)});
    if (m_table->currentIndex().row() != layer) {
        const int column =
            std::max<int>(m_table->currentIndex().column(), DesignLayersModel::Weights);
        m_table->setCurrentIndex(m_layers.index(layer, column));
    }
}

QMenu* DesignPage::makeFormatMenu(const QModelIndex& index) {
    const bool isSide = index.column() == DesignLayersModel::Weights ||
                        index.column() == DesignLayersModel::Activations;
    const std::int64_t design = m_selection.design();
    const auto state = m_editor.stateOf(design);
    if (!index.isValid() || !isSide || !state || !m_editor.canEdit()) {
        return nullptr;
    }
    const auto layer = static_cast<std::size_t>(index.row());
    const Side side =
        index.column() == DesignLayersModel::Weights ? Side::Weights : Side::Activations;
    const std::vector<Quantizer>& choices = m_document.shown().space.choices({layer, side});
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    const QuantityId metric = exploration::metricAmong(snapshot.objectives);
    auto* menu = new QMenu(this);
    for (const Quantizer& choice : choices) {
        QString text = QString::fromStdString(choice.name());
        for (const exploration::SensitivityCell& cell : snapshot.sensitivity) {
            if (cell.layer == layer && cell.side == side && cell.quantizer == choice) {
                text += QLatin1Char('\t') +
                        tr("alone %1").arg(wording::valueWithUnit(metric, cell.measured.metric));
                break;
            }
        }
        QAction* action = menu->addAction(text);
        action->setCheckable(true);
        action->setChecked(m_layers.index(index.row(), index.column()).data().toString() ==
                           QString::fromStdString(choice.name()));
        connect(action, &QAction::triggered, this, [this, design, layer, side, choice] {
            m_editor.setFormat(design, layer, side, choice);
        });
    }
    if (choices.size() < 2) {
        menu->addAction(tr("The study offers nothing else here: see Set up"))->setEnabled(false);
    }
    return menu;
}

void DesignPage::offerFormats(const QModelIndex& index) {
    if (QMenu* menu = makeFormatMenu(index)) {
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->popup(m_table->viewport()->mapToGlobal(m_table->visualRect(index).bottomLeft()));
    }
}

void DesignPage::stepFormat(int step) {
    const QModelIndex index = m_table->currentIndex();
    const auto state = m_editor.stateOf(m_selection.design());
    if (!index.isValid() || !state || index.column() > DesignLayersModel::Activations ||
        index.column() < DesignLayersModel::Weights) {
        return;
    }
    const auto layer = static_cast<std::size_t>(index.row());
    const bool weights = index.column() == DesignLayersModel::Weights;
    const Side side = weights ? Side::Weights : Side::Activations;
    std::vector<Quantizer> choices = m_document.shown().space.choices({layer, side});
    std::stable_sort(choices.begin(), choices.end(), [](const Quantizer& a, const Quantizer& b) {
        return a.storedBits() < b.storedBits();
    });
    const auto& current =
        weights ? state->assignment[layer].weights : state->assignment[layer].activations;
    const auto here = std::find(choices.begin(), choices.end(), current);
    if (here == choices.end()) {
        return;
    }
    const auto next =
        std::clamp<std::ptrdiff_t>(here - choices.begin() + step, 0, std::ssize(choices) - 1);
    m_editor.setFormat(m_selection.design(), layer, side, choices[static_cast<std::size_t>(next)]);
}

bool DesignPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
            case Qt::Key_Return:
            case Qt::Key_Enter:
            case Qt::Key_F2:
                offerFormats(m_table->currentIndex());
                return true;
            case Qt::Key_Plus:
            case Qt::Key_Equal:
                stepFormat(1);
                return true;
            case Qt::Key_Minus:
                stepFormat(-1);
                return true;
            default:
                break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace bitloupe::ui
