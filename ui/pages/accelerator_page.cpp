// SPDX-License-Identifier: Apache-2.0
#include "ui/pages/accelerator_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "core/hardware/array_shapes.h"
#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/accelerator_editor.h"
#include "ui/panels/accelerator_tabs.h"
#include "ui/panels/array_picture.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

AcceleratorPage::AcceleratorPage(StudyDocument& document, Selection& selection, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_summary(makeSentence({}, TextRole::Muted, this)),
      m_editor(new AcceleratorEditor(this)),
      m_costTable(makeTable(m_costs, tr("Cycles of each layer"), this)),
      m_picture(new ArrayPicture(this)),
      m_tabs(new AcceleratorTabs(this)) {
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->setHandleWidth(2 * kGrid);
    split->addWidget(makeLayers());
    split->addWidget(m_tabs);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(3 * kGrid, kGrid, 3 * kGrid, kGrid);
    page->setSpacing(kGrid);
    page->addWidget(m_title);
    page->addWidget(m_editor);
    page->addWidget(m_summary);
    page->addWidget(split, 1);
    connect(&document, &StudyDocument::loadedChanged, this, &AcceleratorPage::refresh);
    connect(&document, &StudyDocument::descriptionChanged, this, &AcceleratorPage::refresh);
    connect(&selection, &Selection::designChanged, this, &AcceleratorPage::followDesign);
    connect(&selection, &Selection::layerChanged, this, &AcceleratorPage::showLayer);
    connect(m_editor, &AcceleratorEditor::changed, this, [this] { show(m_editor->accelerator()); });
    connect(m_editor, &AcceleratorEditor::wanted, this, &AcceleratorPage::addToStudy);
    connect(m_editor, &AcceleratorEditor::failed, &document, &StudyDocument::failed);
    connect(m_tabs, &AcceleratorTabs::chosen, this, &AcceleratorPage::show);
    connect(m_costTable->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid()) {
                    m_selection.setLayer(current.row());
                }
            });
    refresh();
}

QWidget* AcceleratorPage::makeLayers() {
    auto* part = new QWidget(this);
    auto* row = new QHBoxLayout(part);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(3 * kGrid);
    row->addWidget(m_costTable, 7);
    fillWidth(*m_costTable);
    row->addWidget(m_picture, 2);
    return part;
}

void AcceleratorPage::refresh() {
    const std::vector<hardware::Accelerator>& arrays = m_document.description().accelerators;
    const bool ours = std::find(arrays.begin(), arrays.end(), m_shown) != arrays.end();
    show(ours || arrays.empty() || m_study ? m_shown : arrays.front());
}

void AcceleratorPage::followDesign() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    if (const exploration::Evaluation* evaluation = snapshot.find(m_selection.design())) {
        show(m_document.shown().space.accelerator(evaluation->design));
    }
}

exploration::Assignment AcceleratorPage::assignment() const {
    const exploration::Evaluation* evaluation =
        m_document.bridge().snapshot()->find(m_selection.design());
    if (!evaluation || m_document.shown().network != m_document.network()) {
        return {};
    }
    return m_document.shown().space.assignment(evaluation->design);
}

void AcceleratorPage::show(const hardware::Accelerator& accelerator) {
    m_shown = accelerator;
    m_editor->setAccelerator(accelerator);
    m_title->setText(tr("Array %1").arg(QString::fromStdString(hardware::arrayShape(accelerator))));
    const auto& network = m_document.network();
    m_tabs->setArrays(network ? gemmsOf(*network) : std::vector<hardware::Gemm>{},
                      m_document.description().accelerators, accelerator);
    compute();
    showLayer();
}

void AcceleratorPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) {
        compute();
    }
}

void AcceleratorPage::compute() {
    m_stale = !isVisible();
    if (m_stale) {
        return;  // the sweeps of a page that nobody sees would take time from a run
    }
    const int computation = ++m_computation;
    const auto network = m_document.network();
    if (!network) {
        take(nullptr);
        return;
    }
    using Answer = std::shared_ptr<const AcceleratorStudy>;
    m_worker.run<Answer>(
        [network, assignment = assignment(), accelerator = m_shown,
         vectorUnit = m_editor->vectorUnit()]() -> Result<Answer> {
            return std::make_shared<const AcceleratorStudy>(
                studyAccelerator(*network, assignment, accelerator, vectorUnit));
        },
        [this, computation](Result<Answer> answer) {
            if (computation != m_computation) {
                return;  // something else is shown by now
            }
            if (answer.hasError()) {
                Q_EMIT m_document.failed(answer.error());
            } else {
                take(std::move(answer).value());
            }
        });
}

void AcceleratorPage::take(std::shared_ptr<const AcceleratorStudy> study) {
    m_study = std::move(study);
    m_costs.set(m_study);
    fitColumns(*m_costTable);
    m_tabs->setStudy(m_study);
    summarize();
    showLayer();
    Q_EMIT studied();
}

void AcceleratorPage::summarize() {
    if (!m_study) {
        m_summary->setText(
            tr("Open a network on the Set up page to see what it costs on an array."));
        return;
    }
    const hardware::NetworkCost& cost = m_study->cost;
    const auto count = [](std::int64_t value) {
        return wording::count(static_cast<double>(value));
    };
    QString sentence =
        tr("%1 cycles a sample, %2 of them waiting for memory: %3 ms at %4 MHz. %5 of the "
           "processing elements' time is used; %6B from and to DRAM.")
            .arg(count(cost.cycles), count(cost.stallCycles),
                 QLocale().toString(cost.seconds(m_study->accelerator) * 1e3, 'g', 3),
                 QLocale().toString(m_study->accelerator.clockMhz),
                 wording::percent(cost.utilization, 1), wording::compact(cost.dramBytes));
    if (m_study->energy) {
        constexpr double kPerMicrojoule = 1e6;
        const auto microjoules = [](double picojoules) {
            return QLocale().toString(picojoules / kPerMicrojoule, 'g', 3);
        };
        sentence += QLatin1Char(' ') +
                    tr("About %1 µJ, %2 to %3 (45 nm, Horowitz 2014 and others).")
                        .arg(microjoules(m_study->energy->value), microjoules(m_study->energy->low),
                             microjoules(m_study->energy->high));
    }
    const bool design = m_selection.design() > 0 && !assignment().empty();
    sentence +=
        QLatin1Char(' ') + (design ? tr("In the formats of design %1.").arg(m_selection.design())
                                   : tr("In fp32: select a design to see its formats."));
    m_summary->setText(sentence);
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

void AcceleratorPage::addToStudy(const hardware::Accelerator& accelerator) {
    const auto& arrays = m_document.description().accelerators;
    if (std::find(arrays.begin(), arrays.end(), accelerator) != arrays.end()) {
        Q_EMIT m_document.noticed(tr("%1 is already one of the study's arrays.")
                                      .arg(QString::fromStdString(accelerator.name())));
        return;
    }
    m_document.edit(tr("add an array"), [&accelerator](study::StudyDescription& study) {
        study.accelerators.push_back(accelerator);
    });
    Q_EMIT m_document.noticed(
        tr("%1 is now one of the study's arrays.").arg(QString::fromStdString(accelerator.name())));
}

}  // namespace bitloupe::ui
