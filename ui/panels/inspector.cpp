// SPDX-License-Identifier: Apache-2.0
#include "ui/panels/inspector.h"

#include <QAction>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/study_document.h"
#include "ui/models/selection.h"
#include "ui/panels/tables.h"
#include "ui/theme/text_roles.h"
#include "ui/theme/theme.h"
#include "ui/theme/wording.h"

namespace bitloupe::ui {

namespace {

using exploration::QuantityId;

QToolButton* iconButton(QAction& action, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setDefaultAction(&action);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(
        action.text().remove(QLatin1Char('&')).section(QLatin1Char('\t'), 0, 0));
    return button;
}

double valueOf(QuantityId id, const exploration::Measurement& measured,
               const exploration::Costs& costs) {
    exploration::Evaluation evaluation;
    evaluation.measured = measured;
    evaluation.costs = costs;
    return evaluation.value(id);
}

}  // namespace

Inspector::Inspector(StudyDocument& document, Selection& selection, const Actions& actions,
                     QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_selection(selection),
      m_pages(new QStackedWidget(this)),
      m_title(makeLabel({}, TextRole::Title, this)),
      m_remark(makeSentence({}, TextRole::Muted, this)),
      m_grid(nullptr),
      m_facts(new QWidget(this)),
      m_compare(new QComboBox(this)),
      m_array(makeLabel({}, TextRole::Muted, this)),
      m_table(makeTable(m_layers, tr("Layers of the selected design"), this)) {
    setAccessibleName(tr("Selected design"));
    m_compare->setAccessibleName(tr("Compared with"));
    m_compare->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_table->viewport()->setBackgroundRole(QPalette::Window);
    m_table->hideColumn(DesignLayersModel::Macs);  // the tool tip says it
    fillWidth(*m_table);
    auto* full = new QWidget(m_pages);
    auto* column = new QVBoxLayout(full);
    column->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    column->addWidget(makeHead(actions));
    column->addWidget(m_remark);
    auto* compareRow = new QHBoxLayout;
    compareRow->addWidget(makeLabel(tr("Compared with"), TextRole::Muted));
    compareRow->addWidget(m_compare);
    compareRow->addStretch(1);
    column->addLayout(compareRow);
    column->addWidget(makeRule(Qt::Horizontal));
    column->addWidget(m_facts);
    column->addWidget(makeRule(Qt::Horizontal));
    column->addWidget(m_table, 1);
    column->addWidget(m_array);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(kGrid);
    const auto addButton = [&](const QString& text, QAction& action) {
        auto* button = new QPushButton(text, full);
        button->setFocusPolicy(Qt::TabFocus);
        button->setToolTip(action.toolTip());
        connect(button, &QPushButton::clicked, &action, &QAction::trigger);
        buttons->addWidget(button);
    };
    addButton(tr("E&dit …"), actions.edit);
    addButton(tr("Fine-&tune …"), actions.fineTune);
    addButton(tr("E&xport …"), actions.exportDesign);
    column->addLayout(buttons);
    m_pages->addWidget(makeEmpty());
    m_pages->addWidget(full);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(makeRule(Qt::Vertical));
    row->addWidget(m_pages);

    connect(&document.bridge(), &ExplorationBridge::snapshotChanged, this, [this] {
        if (m_document.bridge().snapshot()->generation != m_shownGeneration) {
            refresh();
        }
    });
    connect(&selection, &Selection::designChanged, this, &Inspector::refresh);
    connect(&selection, &Selection::pinnedChanged, this, &Inspector::refreshPins);
    connect(m_compare, &QComboBox::activated, this, &Inspector::refresh);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (current.isValid()) {
                    m_selection.setLayer(current.row());
                }
            });
    connect(&selection, &Selection::layerChanged, this, [this](int layer) {
        if (layer >= 0 && layer < m_layers.rowCount() && m_table->currentIndex().row() != layer) {
            m_table->selectRow(layer);
        }
    });
    refreshPins();
}

QWidget* Inspector::makeHead(const Actions& actions) {
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGrid / 2);
    row->addWidget(m_title, 1);
    row->addWidget(iconButton(actions.previous, head));
    row->addWidget(iconButton(actions.next, head));
    row->addWidget(iconButton(actions.pin, head));
    return head;
}

QWidget* Inspector::makeEmpty() {
    auto* page = new QWidget(m_pages);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid);
    column->addWidget(makeLabel(tr("No design selected"), TextRole::Heading));
    column->addWidget(makeSentence(
        tr("Click a point of the plot, or walk along the front with the arrow keys. "
           "Here you will see what the design costs, how exact it is, and which formats each layer "
           "uses."),
        TextRole::Muted));
    column->addStretch(1);
    return page;
}

void Inspector::refreshPins() {
    const QSignalBlocker quiet(m_compare);
    const QVariant chosen = m_compare->currentData();
    m_compare->clear();
    m_compare->addItem(tr("the float network"), QVariant::fromValue(std::int64_t{0}));
    for (const std::int64_t pinned : m_selection.pinned()) {
        m_compare->addItem(tr("pinned design %1").arg(pinned), QVariant::fromValue(pinned));
    }
    m_compare->setCurrentIndex(std::max(0, m_compare->findData(chosen)));
    refresh();
}

std::optional<Inspector::Comparison> Inspector::comparison(const Snapshot& snapshot) const {
    const auto id = m_compare->currentData().value<std::int64_t>();
    if (const exploration::Evaluation* pinned = id > 0 ? snapshot.find(id) : nullptr) {
        return Comparison{pinned->measured, pinned->costs,
                          m_document.shown().space.assignment(pinned->design)};
    }
    if (id == 0 && snapshot.reference && snapshot.referenceCosts) {
        return Comparison{*snapshot.reference, *snapshot.referenceCosts, {}};
    }
    return std::nullopt;
}

void Inspector::refresh() {
    const Snapshot& snapshot = *m_document.bridge().snapshot();
    m_shownGeneration = snapshot.generation;
    m_shownDesign = m_selection.design();
    const exploration::Evaluation* evaluation =
        m_document.shown().network ? snapshot.find(m_shownDesign) : nullptr;
    m_pages->setCurrentIndex(evaluation ? 1 : 0);
    m_factLines.clear();
    if (!evaluation) {
        m_layers.clear();
        return;
    }
    m_title->setText(tr("Design %1").arg(evaluation->id));
    const auto position = snapshot.evaluations.find(evaluation->id);
    const bool onFront =
        std::binary_search(snapshot.front.begin(), snapshot.front.end(), position.value_or(0));
    m_remark->setText((onFront ? tr("On the front") : tr("Beaten by another design")) +
                      tr(" · found by %1").arg(QString::fromStdString(evaluation->origin)));
    refreshFacts(*evaluation, snapshot);
    const StudyDocument::Shown& shown = m_document.shown();
    m_layers.setDesign(shown.network, shown.space.assignment(evaluation->design));
    const auto other = comparison(snapshot);
    m_layers.setComparison(other ? other->assignment : exploration::Assignment{});
    fitColumns(*m_table);
    const hardware::Accelerator& array = shown.space.accelerator(evaluation->design);
    m_array->setText(tr("Array %1").arg(QString::fromStdString(array.name())));
}

void Inspector::refreshFacts(const exploration::Evaluation& evaluation, const Snapshot& snapshot) {
    delete m_grid;
    qDeleteAll(m_facts->findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
    m_grid = new QGridLayout(m_facts);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(kGrid);
    m_grid->setVerticalSpacing(kGrid / 2);
    m_grid->setColumnStretch(0, 1);
    const auto other = comparison(snapshot);
    int row = 0;
    for (const bool objectives : {true, false}) {
        for (const exploration::Quantity& quantity :
             exploration::quantitiesWith(exploration::metricAmong(snapshot.objectives))) {
            const bool isObjective =
                std::find(snapshot.objectives.begin(), snapshot.objectives.end(), quantity.id) !=
                snapshot.objectives.end();
            if (isObjective == objectives) {
                addFact(row, quantity.id, evaluation, other, isObjective);
                row += 2;  // one for what stands below a figure
            }
        }
    }
}

void Inspector::addFact(int row, QuantityId id, const exploration::Evaluation& evaluation,
                        const std::optional<Comparison>& other, bool objective) {
    const double number = evaluation.value(id);
    const QString label = QString::fromStdString(exploration::quantity(id).label);
    const QString value = wording::valueWithUnit(id, number);
    const QString interval =
        exploration::isMetric(id) ? wording::halfWidth(id, evaluation.measured) : QString();
    const QString change =
        other ? wording::change(id, number, valueOf(id, other->measured, other->costs)) : QString();
    QLabel* name = makeLabel(label, objective ? TextRole::Heading : TextRole::Muted);
    name->setToolTip(wording::direction(id));
    QLabel* figure = makeLabel(value, objective ? TextRole::Heading : TextRole::Body);
    figure->setAlignment(Qt::AlignRight);
    figure->setTextInteractionFlags(Qt::TextSelectableByMouse);
    figure->setFocusPolicy(Qt::NoFocus);
    QLabel* difference = makeLabel(change, TextRole::Muted);
    difference->setAlignment(Qt::AlignRight);
    m_grid->addWidget(name, row, 0);
    m_grid->addWidget(figure, row, 1);
    m_grid->addWidget(difference, row, 2);
    if (!interval.isEmpty()) {
        m_grid->addWidget(makeLabel(tr("95 % interval"), TextRole::Muted), row + 1, 0);
        QLabel* width = makeLabel(interval, TextRole::Muted);
        width->setToolTip(tr("From %1 samples").arg(evaluation.measured.samples));
        m_grid->addWidget(width, row + 1, 1, Qt::AlignRight);
    }
    m_factLines << QStringList{label, value, interval, change}.join(QLatin1Char(' ')).simplified();
}

}  // namespace bitloupe::ui
